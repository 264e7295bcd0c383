/** GET /v1/changes: what has become visible or invisible of the people whom the caller traced. */
import type { Operations } from '../operations.ts';
import { queryShape } from '../query.ts';
import type { Route } from '../route.ts';
import { waitingAnswer } from '../waiting-answer.ts';
import type { WaitingPlaces } from '../waiting-places.ts';

const reading = queryShape<{ after?: string; limit?: number }>({
  after: {
    type: 'string',
    minLength: 1,
    maxLength: 1_024,
    description: '`next` of the page before. Without it, everybody whom you traced is listed.',
  },
  limit: {
    type: 'integer',
    minimum: 1,
    maximum: 200,
    default: 50,
    description: 'People on a page.',
  },
});

const defaultLimit = 50;

export interface ChangesDeps {
  operations: Pick<Operations, 'readChanges'>;
  waiting: WaitingPlaces;
}

export function changesRoute({ operations, waiting }: ChangesDeps): Route {
  return {
    method: 'GET',
    path: '/v1/changes',
    access: 'pull',
    action: 'changes.read',
    summary:
      'Where to pull again: what you may see now, for this purpose and role, of people of whom something has changed.',
    query: reading,
    fields: ['Purpose-Of-Use', 'Prefer'],
    answers: {
      200: {
        body: 'ChangesPage',
        means:
          'A list `changes` (`current` with the ETag of a pull, `gone`, or `retrace`), `next` to go on from, and whether there is `more` already.',
      },
    },
    problems: ['NO_SHARING_AGREEMENT', 'CURSOR_INVALID', 'CURSOR_GONE', 'PURPOSE_NEEDED'],
    answer: (call, { context, purpose }) =>
      waitingAnswer(waiting, call, async (wait) => {
        const { after, limit = defaultLimit } = reading.read(call.search);
        const request = { context, purpose, after, limit, wait };
        const { body, entry } = await operations.readChanges(request);
        return { status: 200, body: JSON.stringify(body), ...entry };
      }),
  };
}
