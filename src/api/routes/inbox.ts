/** The inbox: the polling twin of pushed deliveries, and what recipients say of either. */
import deliveryAnswer from '../../../schemas/api/delivery-answer.json' with { type: 'json' };
import type { DeliveryAnswer } from '../../exchange/answer-message.ts';
import type { ReadDelivery } from '../../exchange/inbox.ts';
import { nothing } from '../empty-request.ts';
import { idempotencyOf } from '../idempotency-key.ts';
import { bodyShape } from '../json-body.ts';
import type { Operations } from '../operations.ts';
import { deliveryIdOf } from '../path-parameters.ts';
import { queryShape } from '../query.ts';
import { receiptAnswer } from '../receipt-answer.ts';
import type { Route } from '../route.ts';
import { waitingAnswer } from '../waiting-answer.ts';
import type { WaitingPlaces } from '../waiting-places.ts';

const listing = queryShape<{ limit?: number; after?: string }>({
  limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  after: { type: 'string', minLength: 1, maxLength: 1_024, description: '`next` of a page.' },
});
const answering = bodyShape<DeliveryAnswer>(deliveryAnswer);
const defaultLimit = 50;

type Needs = 'listInbox' | 'readDelivery' | 'acknowledgeDelivery' | 'answerDelivery';
export type InboxDeps = {
  macKey: Buffer;
  operations: Pick<Operations, Needs>;
  waiting: WaitingPlaces;
  /** Records that an answer which was authorised did not leave. Must not throw. */
  onNotDelivered(read: ReadDelivery): void;
};

export function inboxRoutes(deps: InboxDeps): readonly Route[] {
  return [listRoute(deps), readRoute(deps), acknowledgeRoute(deps), answerRoute(deps)];
}

function listRoute({ operations, waiting }: InboxDeps): Route {
  return {
    method: 'GET',
    path: '/v1/inbox',
    access: 'certificate',
    summary: 'What is kept for you until you acknowledge it, in the order in which to read it.',
    query: listing,
    fields: ['Prefer'],
    answers: {
      200: { body: 'InboxPage', means: 'A list `deliveries`, and `next` for the page after it.' },
    },
    problems: ['CURSOR_INVALID'],
    answer: (call, { context }) =>
      waitingAnswer(waiting, call, async (wait) => {
        const { limit = defaultLimit, after } = listing.read(call.search);
        const page = { limit, ...(after !== undefined && { after }) };
        const listed = await operations.listInbox({ context, ...page, wait });
        return { status: 200, body: JSON.stringify(listed) };
      }),
  };
}

function readRoute(deps: InboxDeps): Route {
  return {
    method: 'GET',
    path: '/v1/inbox/{id}',
    access: 'certificate',
    action: 'inbox.read',
    summary: 'One delivery, as far as agreement and consent open it at this moment.',
    answers: { 200: { body: 'ReceivedDelivery', means: 'The delivery as it would be pushed.' } },
    problems: [
      'NO_SHARING_AGREEMENT',
      'ASSERTION_NEEDED',
      'TRACE_STALE',
      'CONSENT_NOT_IN_FORCE',
      'RESOURCE_NOT_FOUND',
      'DELIVERY_ENDED',
    ],
    async answer(call, { context }) {
      const read = await deps.operations.readDelivery({ context, id: deliveryIdOf(call) });
      const { body, ledgerIndex, goodUntilMs } = read;
      const onNotDelivered = () => deps.onNotDelivered(read);
      return { status: 200, body, ledgerIndex, goodUntilMs, onNotDelivered };
    },
  };
}

function acknowledgeRoute({ macKey, operations }: InboxDeps): Route {
  return {
    method: 'POST',
    path: '/v1/inbox/{id}/acknowledgement',
    access: 'certificate',
    action: 'inbox.acknowledged',
    summary: 'You have it: it is not given again.',
    fields: ['Idempotency-Key'],
    body: nothing,
    answers: {
      200: {
        body: 'AcknowledgedDelivery',
        means: 'The delivery has ended. A second acknowledgement changes nothing.',
      },
    },
    problems: ['RESOURCE_NOT_FOUND', 'DELIVERY_STATE_CONFLICT', 'DELIVERY_ENDED'],
    async answer(call, { context }) {
      const id = deliveryIdOf(call);
      const idempotency = idempotencyOf(macKey, `POST /v1/inbox/${id}/acknowledgement`, call);
      nothing.read(call.body);
      return receiptAnswer(await operations.acknowledgeDelivery({ context, id, idempotency }));
    },
  };
}

function answerRoute({ macKey, operations }: InboxDeps): Route {
  return {
    method: 'POST',
    path: '/v1/inbox/{id}/answer',
    access: 'certificate',
    action: 'message.answered',
    summary: 'Tells the sender what became of a delivery, pushed or fetched.',
    fields: ['Idempotency-Key'],
    body: answering,
    answers: {
      200: { body: 'AnsweredDelivery', means: 'The answer as it goes back to the sender.' },
    },
    problems: ['RESOURCE_NOT_FOUND', 'DELIVERY_STATE_CONFLICT'],
    async answer(call, { context }) {
      const id = deliveryIdOf(call);
      const idempotency = idempotencyOf(macKey, `POST /v1/inbox/${id}/answer`, call);
      const answer = answering.read(call.body);
      return receiptAnswer(await operations.answerDelivery({ context, id, answer, idempotency }));
    },
  };
}
