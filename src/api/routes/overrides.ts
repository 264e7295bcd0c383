/** POST /v1/clients/{client}/overrides: a fact with its evidence, never a bare header. */
import overrideRequest from '../../../schemas/api/override-request.json' with { type: 'json' };
import type { OverrideDocument } from '../../consent/override-record.ts';
import { idempotencyOf } from '../idempotency-key.ts';
import { bodyShape } from '../json-body.ts';
import type { Operations } from '../operations.ts';
import { clientOf } from '../path-parameters.ts';
import { receiptAnswer } from '../receipt-answer.ts';
import type { Route } from '../route.ts';

const body = bodyShape<OverrideDocument>(overrideRequest);

export function overridesRoute(deps: {
  macKey: Buffer;
  operations: Pick<Operations, 'recordOverride'>;
}): Route {
  return {
    method: 'POST',
    path: '/v1/clients/{client}/overrides',
    access: 'record-overrides',
    action: 'override.recorded',
    summary: 'Records a court order, statutory duty, safeguarding decision or break-glass.',
    fields: ['Idempotency-Key'],
    body,
    answers: { 201: { body: 'Override', means: 'The override as it is held, with its id.' } },
    problems: [
      'RESOURCE_NOT_FOUND',
      'TRACE_STALE',
      'NO_SHARING_AGREEMENT',
      'NOT_PERMITTED',
      'ASSERTION_NEEDED',
      'LIMIT_REACHED',
    ],
    async answer(call, { context }) {
      const client = clientOf(call);
      const route = `POST /v1/clients/${client}/overrides`;
      const idempotency = idempotencyOf(deps.macKey, route, call);
      const override = body.read(call.body);
      const { recordOverride } = deps.operations;
      return receiptAnswer(await recordOverride({ context, client, override, idempotency }));
    },
  };
}
