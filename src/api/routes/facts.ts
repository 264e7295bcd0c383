/** PUT /v1/clients/{client}/facts: dated facts about a person that the decision needs. */
import personFacts from '../../../schemas/api/person-facts.json' with { type: 'json' };
import type { FactsRequest } from '../../exchange/record-facts.ts';
import { idempotencyOf } from '../idempotency-key.ts';
import { bodyShape } from '../json-body.ts';
import type { Operations } from '../operations.ts';
import { clientOf } from '../path-parameters.ts';
import { receiptAnswer } from '../receipt-answer.ts';
import type { Route } from '../route.ts';

const body = bodyShape<FactsRequest>(personFacts);

export function factsRoute(deps: {
  macKey: Buffer;
  operations: Pick<Operations, 'recordFacts'>;
}): Route {
  return {
    method: 'PUT',
    path: '/v1/clients/{client}/facts',
    access: 'record-facts',
    action: 'facts.recorded',
    summary: 'Records facts about a person. Only what is named changes; history is kept.',
    fields: ['Idempotency-Key'],
    body,
    answers: {
      200: { body: 'RecordedFacts', means: 'What was recorded, and since when it holds.' },
    },
    problems: ['RESOURCE_NOT_FOUND', 'TRACE_STALE', 'NO_SHARING_AGREEMENT', 'LIMIT_REACHED'],
    async answer(call, { context }) {
      const client = clientOf(call);
      const idempotency = idempotencyOf(deps.macKey, `PUT /v1/clients/${client}/facts`, call);
      const facts = body.read(call.body);
      const { recordFacts } = deps.operations;
      return receiptAnswer(await recordFacts({ context, client, facts, idempotency }));
    },
  };
}
