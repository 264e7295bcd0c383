/** Consent records: recorded and listed per person; withdrawn and evidenced by their own id. */
import consentEvidence from '../../../schemas/api/consent-evidence.json' with { type: 'json' };
import consentRequest from '../../../schemas/api/consent-request.json' with { type: 'json' };
import consentWithdrawal from '../../../schemas/api/consent-withdrawal.json' with { type: 'json' };
import type { ConsentEvidence, ConsentRequest } from '../../consent/consent-record.ts';
import { idempotencyOf } from '../idempotency-key.ts';
import { bodyShape } from '../json-body.ts';
import type { Operations } from '../operations.ts';
import { clientOf, consentIdOf } from '../path-parameters.ts';
import { receiptAnswer } from '../receipt-answer.ts';
import type { Route } from '../route.ts';

const recording = bodyShape<ConsentRequest>(consentRequest);
// nothing stands in the way of a withdrawal, an empty body included
const withdrawal = bodyShape<{ reason?: string }>(consentWithdrawal, { isOptional: true });
const evidencing =
  bodyShape<Pick<ConsentEvidence, 'kind' | 'reference' | 'sha256'>>(consentEvidence);

const mayAttest = ['record-consent', 'attest-consent'] as const;

type Needs = 'recordConsent' | 'listConsents' | 'withdrawConsent' | 'evidenceConsent';
export type ConsentsDeps = { macKey: Buffer; operations: Pick<Operations, Needs> };

export function consentsRoutes(deps: ConsentsDeps): readonly Route[] {
  return [recordRoute(deps), listRoute(deps), withdrawRoute(deps), evidenceRoute(deps)];
}

function recordRoute(deps: ConsentsDeps): Route {
  return {
    method: 'POST',
    path: '/v1/clients/{client}/consents',
    access: mayAttest,
    action: 'consent.recorded',
    summary: 'Records a consent, or attests one for seven days until its signed form arrives.',
    fields: ['Idempotency-Key'],
    body: recording,
    answers: {
      201: { body: 'Consent', means: 'The consent as it is held, with its id and version.' },
    },
    problems: [
      'RESOURCE_NOT_FOUND',
      'TRACE_STALE',
      'NO_SHARING_AGREEMENT',
      'ATTESTATION_BARRED',
      'LIMIT_REACHED',
    ],
    async answer(call, { context }) {
      const client = clientOf(call);
      const route = `POST /v1/clients/${client}/consents`;
      const idempotency = idempotencyOf(deps.macKey, route, call);
      const consent = recording.read(call.body);
      const { recordConsent } = deps.operations;
      return receiptAnswer(await recordConsent({ context, client, consent, idempotency }));
    },
  };
}

function listRoute(deps: ConsentsDeps): Route {
  return {
    method: 'GET',
    path: '/v1/clients/{client}/consents',
    access: mayAttest,
    action: 'consent.read',
    summary: 'The consents of a person, past ones included.',
    answers: { 200: { body: 'ConsentsPage', means: 'A list `consents`, and `next`.' } },
    problems: ['RESOURCE_NOT_FOUND', 'TRACE_STALE', 'NO_SHARING_AGREEMENT'],
    async answer(call, { context }) {
      const { listConsents } = deps.operations;
      return receiptAnswer(await listConsents({ context, client: clientOf(call) }));
    },
  };
}

function withdrawRoute(deps: ConsentsDeps): Route {
  return {
    method: 'POST',
    path: '/v1/consents/{id}/withdrawal',
    access: mayAttest,
    action: 'consent.withdrawn',
    summary: 'Withdraws a consent. In force with the answer.',
    fields: ['Idempotency-Key'],
    body: withdrawal,
    answers: {
      200: {
        body: 'Consent',
        means: 'The consent, withdrawn. A second withdrawal changes nothing.',
      },
    },
    problems: ['RESOURCE_NOT_FOUND', 'TRACE_STALE', 'NO_SHARING_AGREEMENT'],
    async answer(call, { context }) {
      const id = consentIdOf(call);
      const route = `POST /v1/consents/${id}/withdrawal`;
      const idempotency = idempotencyOf(deps.macKey, route, call);
      const { reason } = withdrawal.read(call.body);
      const { withdrawConsent } = deps.operations;
      return receiptAnswer(await withdrawConsent({ context, id, reason, idempotency }));
    },
  };
}

function evidenceRoute(deps: ConsentsDeps): Route {
  return {
    method: 'POST',
    path: '/v1/consents/{id}/evidence',
    access: 'record-consent',
    action: 'consent.evidenced',
    summary: 'Confirms the signed form that an attested consent was waiting for.',
    fields: ['Idempotency-Key'],
    body: evidencing,
    answers: { 200: { body: 'Consent', means: 'The consent with its evidence.' } },
    problems: [
      'RESOURCE_NOT_FOUND',
      'TRACE_STALE',
      'NO_SHARING_AGREEMENT',
      'CONSENT_STATE_CONFLICT',
    ],
    async answer(call, { context }) {
      const id = consentIdOf(call);
      const route = `POST /v1/consents/${id}/evidence`;
      const idempotency = idempotencyOf(deps.macKey, route, call);
      const evidence = evidencing.read(call.body);
      const { evidenceConsent } = deps.operations;
      return receiptAnswer(await evidenceConsent({ context, id, evidence, idempotency }));
    },
  };
}
