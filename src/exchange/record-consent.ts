/**
 * Consent records: recorded by whom the agreement names, attested by health centres, withdrawn by
 * either at any time, evidenced by the custodian. What an attestation may not do stands in
 * consent/attestation.ts.
 */
import { randomUUID } from 'node:crypto';
import { findKnownPersons, linkKey } from '../clients/link-store.ts';
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
import { insertReview } from '../deliveries/review-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { authorise } from './authorise.ts';
import { authoriseConsent, mayAttest } from './authorise-consent.ts';
import type { RequestContext } from './caller.ts';
import { consentJson } from './consent-json.ts';
import { checkConsentRules } from './consent-rule-faults.ts';
import { refuseSomeWaiting } from './end-waiting.ts';
import type { Exchange } from './exchange.ts';
import { maxConsents, tooMany } from './held-limits.ts';
import { getTracedClient, notFound, requireTrace } from './own-client.ts';
import { type Effect, performWrite, type WriteScope } from './perform-write.ts';
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
      const link = await getTracedClient(scope, context, client);
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

/**
 * Accepted from whoever may record or attest, and from whoever recorded this one, always; a second one changes
 * nothing. What waits for others about the person is no part of it: however much that is, a withdrawal takes effect.
 */
export async function withdrawConsent(
  exchange: Exchange,
  request: {
    context: RequestContext;
    id: string;
    reason: string | undefined;
    idempotency: Idempotency;
  },
): Promise<Receipt> {
  const { context, id, reason, idempotency } = request;
  const receipt = await performWrite(exchange, {
    context,
    action: 'consent.withdrawn',
    idempotency,
    async authorise(scope) {
      const consent = await getOwnConsent(scope, context, id);
      // an agreement that has ended must not keep a person's word from taking effect
      if (consent.recordedBy !== context.caller.odsCode) authorise(scope, context, mayAttest);
      return consent;
    },
    async effect(scope, held) {
      const document = withdrawnConsent(held.document, {
        at: scope.moment.at,
        reason: reason ?? 'not given',
      });
      if (document !== held.document) {
        await insertReview(scope.tx, held.personId);
        return store(scope, context, { ...held, document }, 200);
      }
      scope.event.particulars = { consent: id, version: held.version, repeated: true };
      return { receipt: { status: 200, body: consentJson(held) } };
    },
  });
  // senders hear of it at once, as a rule; what is more, or what fails, every node's sweep takes up
  await refuseSomeWaiting(exchange).catch(() => {});
  return receipt;
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
  if (!consent) throw notFound('CONSENT_UNKNOWN');
  const key = { organisation: caller.odsCode, personId: consent.personId };
  const own = (await findKnownPersons(scope.tx, [key])).get(linkKey(key))?.link;
  if (!own) throw notFound('CONSENT_UNKNOWN');
  scope.event.person = consent.personId;
  requireTrace(own);
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
