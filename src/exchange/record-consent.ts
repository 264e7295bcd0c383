/**
 * Consent records: recorded by whom the agreement names, attested by health centres, withdrawn by
 * either at any time, evidenced by the custodian. What an attestation may not do stands in
 * consent/attestation.ts.
 */
import { randomUUID } from 'node:crypto';
import { findClientsOfPersons } from '../clients/link-store.ts';
import { attestationBar, attestedSince } from '../consent/attestation.ts';
import {
  type ConsentDocument,
  type ConsentEvidence,
  type ConsentRequest,
  evidencedConsent,
  recordedConsent,
  withdrawnConsent,
} from '../consent/consent-record.ts';
import {
  findConsent,
  findConsentsOfPersons,
  insertConsent,
  type StoredConsent,
} from '../consent/consent-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { authorise } from './authorise.ts';
import { authoriseConsent, mayAttest } from './authorise-consent.ts';
import type { RequestContext } from './caller.ts';
import { consentJson } from './consent-json.ts';
import { checkConsentRules } from './consent-rule-faults.ts';
import { refuseWaiting } from './end-waiting.ts';
import type { Exchange } from './exchange.ts';
import { maxConsents, tooMany } from './held-limits.ts';
import { getOwnClient, notFound } from './own-client.ts';
import { type Effect, furtherIndex, performWrite, type WriteScope } from './perform-write.ts';
import type { Idempotency, Receipt } from './receipt.ts';
import { consentDigest } from './state-digest.ts';

export function recordConsent(
  exchange: Exchange,
  request: {
    context: RequestContext;
    client: string;
    consent: ConsentRequest;
    idempotency: Idempotency;
  },
): Promise<Receipt> {
  const { context, client, consent, idempotency } = request;
  const isAttested = consent.evidence?.kind === 'attested-pending';
  return performWrite(exchange, {
    context,
    action: 'consent.recorded',
    idempotency,
    async authorise(scope) {
      const link = await getOwnClient(scope, context, client);
      const activities = isAttested ? mayAttest : (['record-consent'] as const);
      authorise(scope, context, activities);
      checkConsentRules(exchange.schemas, consent, isAttested);
      authoriseConsent(scope, context, exchange.schemas, consent.rules, activities);
      return link;
    },
    async effect(scope, { personId }) {
      const { at } = scope.moment;
      const held = await findConsentsOfPersons(scope.tx, [personId]);
      const since = isAttested ? attestedSince(consent.rules, held, at) : at;
      const document = recordedConsent(consent, since);
      if (held.length >= maxConsents) throw tooMany('consents');
      const superseded = held.find(({ id }) => id === document.supersedes);
      if (superseded) {
        const { rules } = superseded.document;
        authoriseConsent(scope, context, exchange.schemas, rules, ['record-consent']);
      } else if (document.supersedes) {
        throw new GatewayError('REQUEST_INVALID', {
          errors: [
            { pointer: '/supersedes', rule: 'known', detail: 'must be a consent of this person' },
          ],
        });
      }
      const bar = isAttested && attestationBar(document, context.caller.odsCode, held, at);
      if (bar) throw new GatewayError('ATTESTATION_BARRED', { detail: bar });
      return store(scope, context, { id: randomUUID(), version: 1, personId, document }, 201);
    },
  });
}

/** Accepted from whoever may record or attest, always; a second one changes nothing. */
export function withdrawConsent(
  exchange: Exchange,
  request: {
    context: RequestContext;
    id: string;
    reason: string | undefined;
    idempotency: Idempotency;
  },
): Promise<Receipt> {
  const { context, id, reason, idempotency } = request;
  return performWrite(exchange, {
    context,
    action: 'consent.withdrawn',
    idempotency,
    async authorise(scope) {
      const consent = await getOwnConsent(scope, context, id);
      authorise(scope, context, mayAttest);
      return consent;
    },
    async effect(scope, held) {
      const document = withdrawnConsent(held.document, {
        at: scope.moment.at,
        reason: reason ?? 'not given',
      });
      if (document !== held.document) {
        const effect = await store(scope, context, { ...held, document }, 200);
        const { tx, moment } = scope;
        const next = { ...moment, index: furtherIndex(moment) };
        const further = await refuseWaiting(exchange, tx, next, held.personId);
        return { ...effect, further, hasEnqueued: further.length > 0 };
      }
      scope.event.particulars = { consent: id, version: held.version, repeated: true };
      return { receipt: { status: 200, body: consentJson(held) } };
    },
  });
}

/** The form behind an attestation, confirmed by whoever may record consents. */
export function evidenceConsent(
  exchange: Exchange,
  request: {
    context: RequestContext;
    id: string;
    evidence: Pick<ConsentEvidence, 'kind' | 'reference' | 'sha256'>;
    idempotency: Idempotency;
  },
): Promise<Receipt> {
  const { context, id, evidence, idempotency } = request;
  return performWrite(exchange, {
    context,
    action: 'consent.evidenced',
    idempotency,
    async authorise(scope) {
      const consent = await getOwnConsent(scope, context, id);
      authoriseConsent(scope, context, exchange.schemas, consent.document.rules, [
        'record-consent',
      ]);
      return consent;
    },
    async effect(scope, held) {
      const document = evidencedConsent(held.document, evidence, scope.moment.at);
      if (document) return store(scope, context, { ...held, document }, 200);
      throw new GatewayError('CONSENT_STATE_CONFLICT', {
        detail:
          'No form is awaited for this consent, or its seven days are over. Record a new consent.',
      });
    },
  });
}

/** A consent of a person whom the caller knows. Anybody else's is not found. */
async function getOwnConsent(
  scope: WriteScope,
  { caller }: RequestContext,
  id: string,
): Promise<StoredConsent> {
  const consent = await findConsent(scope.tx, id);
  const personIds = consent ? [consent.personId] : [];
  const own = await findClientsOfPersons(scope.tx, caller.odsCode, personIds);
  if (!consent || own.size === 0) throw notFound('CONSENT_UNKNOWN');
  scope.event.person = consent.personId;
  return consent;
}

async function store(
  { tx, moment, event }: WriteScope,
  { caller }: RequestContext,
  next: { id: string; version: number; personId: string; document: ConsentDocument },
  status: 200 | 201,
): Promise<Effect> {
  const consent: StoredConsent = {
    ...next,
    version: status === 201 ? 1 : next.version + 1,
    recordedBy: caller.odsCode,
    recordedAt: new Date(moment.at),
  };
  await insertConsent(tx, consent);
  event.particulars = { consent: consent.id, version: consent.version };
  event.digest = consentDigest(consent);
  return { receipt: { status, body: consentJson(consent) } };
}
