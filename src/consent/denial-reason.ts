/**
 * The end of step 11: nothing permitted, so which reason is the true one? It is what the person or the
 * requester can do something about: what the consents in force say, else what became of the ones that
 * would have reached. docs/consent-model.md section 2.
 */
import { reachesRequest } from './consent-rules.ts';
import type { ReasonCode } from './decision.ts';
import type { ExplicitConsent, ExplicitFinding } from './explicit-consent.ts';
import type { Question } from './question.ts';

/** Of several void consents the one earliest here gives the reason. */
const voidReasonOrder: readonly ReasonCode[] = [
  'CONSENT_WITHDRAWN',
  'CONSENT_EXPIRED',
  'CONSENT_EVIDENCE_OVERDUE',
  'REPRESENTATIVE_AUTHORITY_INVALID',
  'CAPACITY_LACKING_AT_GRANT',
  'CONSENT_NOT_YET_VALID',
  'CONSENT_NOT_ACTIVE',
  'CONSENT_ENTERED_IN_ERROR',
  'CONSENT_SUPERSEDED',
];

export function findDenialReason(question: Question, explicit: ExplicitConsent): ReasonCode {
  const { input, purposeClass, lacksRelationship } = question;
  if (lacksRelationship) return 'NO_LEGITIMATE_RELATIONSHIP';
  const permitsNothing = explicit.findings.every(({ withheld }) => withheld !== undefined);
  if (purposeClass === 'secondary' && input.person.nationalDataOptOut && permitsNothing)
    return 'NATIONAL_OPT_OUT';
  if (explicit.reaching.length > 0) return nameWithholding(explicit.findings);
  return findVoidCode(question, explicit) ?? nameAbsence(question);
}

function nameWithholding(findings: readonly ExplicitFinding[]): ReasonCode {
  if (findings.length === 0) return 'NOTHING_LEFT_AFTER_FILTER';
  if (findings.every(({ withheld }) => withheld === 'CONSENT_DENY')) return 'CONSENT_DENY';
  return findings.every(({ withheld }) => withheld === 'NO_MATCHING_CONSENT')
    ? 'CONSENT_SCOPE_MISMATCH'
    : 'NOTHING_LEFT_AFTER_FILTER';
}

function findVoidCode(question: Question, { voided }: ExplicitConsent): ReasonCode | undefined {
  const reasons = voided
    .filter(({ consent }) => consent.rules.some((rule) => reachesRequest(rule, question)))
    .map(({ reason }) => reason);
  return voidReasonOrder.find((code) => reasons.includes(code));
}

function nameAbsence({ input }: Question): ReasonCode {
  const onFile = input.consents.some(({ status }) => status !== 'entered-in-error');
  return onFile ? 'CONSENT_SCOPE_MISMATCH' : 'NO_CONSENT_ON_FILE';
}
