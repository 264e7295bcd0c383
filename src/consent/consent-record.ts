/**
 * A consent record as it is kept, and the moves it can make: recorded, attested, withdrawn, evidenced.
 * Pure: each move answers the next document or the reason why not.
 */
import type { Consent, ConsentRule, ConsentStatus, EvidenceKind, GrantorType } from './decision.ts';

/** Times are RFC 3339. */
export interface ConsentDocument {
  status: ConsentStatus;
  period: { start: string; end?: string };
  grantor: {
    type: GrantorType;
    ref?: string;
    revoked?: boolean;
    capacityAtGrant?: 'has' | 'lacks';
  };
  evidence?: ConsentEvidence;
  rules: readonly ConsentRule[];
  supersedes: string | null;
  withdrawnAt?: string;
  withdrawalReason?: string;
}

export interface ConsentEvidence {
  kind: EvidenceKind;
  reference?: string;
  sha256?: string;
  /** Set by the gateway: when a health centre said that the person had agreed. */
  attestedAt?: string;
  /** Set by the gateway: when the custodian confirmed the form behind an attestation. */
  formReceivedAt?: string;
  form?: { kind: EvidenceKind; reference?: string; sha256?: string };
}

/** What a partner sends to have a consent recorded (schemas/api/consent-request.json). */
export interface ConsentRequest {
  period: { start: string; end?: string | null };
  grantor: ConsentDocument['grantor'];
  evidence?: { kind: EvidenceKind; reference?: string; sha256?: string };
  rules: readonly ConsentRule[];
  supersedes?: string | null;
}

const attestationLifeMs = 7 * 86_400_000;

export function recordedConsent(request: ConsentRequest, at: number): ConsentDocument {
  const { period, grantor, evidence, rules, supersedes } = request;
  return {
    status: 'active',
    period: period.end ? { start: period.start, end: period.end } : { start: period.start },
    grantor,
    ...(evidence && { evidence: receivedEvidence(evidence, at) }),
    rules,
    supersedes: supersedes ?? null,
  };
}

function receivedEvidence(evidence: ConsentEvidence, at: number): ConsentEvidence {
  if (evidence.kind !== 'attested-pending') return evidence;
  return { ...evidence, attestedAt: new Date(at).toISOString() };
}

/** Withdrawing twice changes nothing: the first withdrawal stands. */
export function withdrawnConsent(
  document: ConsentDocument,
  withdrawal: { at: number; reason: string },
): ConsentDocument {
  if (document.withdrawnAt) return document;
  return {
    ...document,
    status: 'inactive',
    withdrawnAt: new Date(withdrawal.at).toISOString(),
    withdrawalReason: withdrawal.reason,
  };
}

/** The form behind an attestation, in time. Undefined where none is awaited any more. */
export function evidencedConsent(
  document: ConsentDocument,
  form: { kind: EvidenceKind; reference?: string; sha256?: string },
  at: number,
): ConsentDocument | undefined {
  if (!document.evidence || !isAwaitingForm(document) || isLapsed(document, at)) return undefined;
  const formReceivedAt = new Date(at).toISOString();
  return { ...document, evidence: { ...document.evidence, formReceivedAt, form } };
}

export function isAwaitingForm({ evidence }: ConsentDocument): boolean {
  return evidence?.kind === 'attested-pending' && !evidence.formReceivedAt;
}

/** Whether the seven days ran out without a form. */
export function isLapsed(document: ConsentDocument, at: number): boolean {
  const attestedAt = Date.parse(document.evidence?.attestedAt ?? '');
  return isAwaitingForm(document) && at > attestedAt + attestationLifeMs;
}

/** As the decision reads it. */
export function toDecisionConsent(id: string, document: ConsentDocument): Consent {
  const { period, evidence, withdrawnAt, supersedes } = document;
  return {
    id,
    status: document.status,
    period: { start: Date.parse(period.start), end: instantOf(period.end) },
    withdrawnAt: instantOf(withdrawnAt),
    supersedes: supersedes ?? undefined,
    grantor: document.grantor,
    evidence: evidence && {
      kind: evidence.kind,
      attestedAt: instantOf(evidence.attestedAt),
      formReceivedAt: instantOf(evidence.formReceivedAt),
    },
    rules: document.rules,
  };
}

function instantOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}
