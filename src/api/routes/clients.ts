/** POST /v1/clients/trace: an identity is confirmed once, so that no later URL carries personal data. */
import traceRequest from '../../../schemas/api/trace-request.json' with { type: 'json' };
import type { TraceRequest } from '../../exchange/traced-identity.ts';
import { bodyShape } from '../json-body.ts';
import type { Operations } from '../operations.ts';
import { receiptAnswer } from '../receipt-answer.ts';
import type { Route } from '../route.ts';

const body = bodyShape<TraceRequest>(traceRequest);

export function traceRoute(deps: { operations: Pick<Operations, 'traceClient'> }): Route {
  return {
    method: 'POST',
    path: '/v1/clients/trace',
    access: 'agreement',
    action: 'client.traced',
    summary:
      'Confirms an identity, or registers a person; gives the id under which your organisation knows them.',
    body,
    answers: {
      200: {
        body: 'TracedClient',
        means: 'The person, by an id of your own, and until when the trace is fresh.',
      },
      201: { body: 'TracedClient', means: 'The same, of a person who was registered.' },
    },
    problems: ['IDENTITY_INVALID', 'RESOURCE_NOT_FOUND', 'REGISTRATION_CONFLICT', 'LIMIT_REACHED'],
    async answer(call, { context }) {
      const trace = body.read(call.body);
      return receiptAnswer(await deps.operations.traceClient({ context, trace }));
    },
  };
}
