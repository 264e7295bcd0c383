/**
 * The first part of step 7: which consents on file count at the instant of the decision, and why the
 * others are void. The order of the tests decides the reason that is given. docs/consent-model.md
 * section 2.
 */
import type { Consent, DecisionInput, Evidence, ReasonCode } from './decision.ts';
import { hasAuthority } from './representative-authority.ts';

/** Within it the signed form must follow an attested consent. Seven times 24 hours, whatever the calendar says. */
const formDeadlineMs = 7 * 24 * 60 * 60 * 1000;

/** Ids that a consent in its own right, whose period has started, names as replaced; it may have ended since. */
export function findSupersededIds({ consents, at }: DecisionInput): readonly string[] {
  const ids: string[] = [];
  for (const { supersedes, status, period } of consents) {
    const counts = status === 'active' || status === 'inactive';
    if (supersedes !== undefined && counts && period.start <= at) ids.push(supersedes);
  }
  return ids;
}

/**
 * Undefined when the consent counts. Instants are compared so that one which is not a number makes the
 * consent void, never valid.
 */
export function findVoidReason(
  consent: Consent,
  { at, person, record }: DecisionInput,
  supersededIds: readonly string[],
): ReasonCode | undefined {
  const { status, period, withdrawnAt, evidence, grantor } = consent;
  if (status === 'entered-in-error') return 'CONSENT_ENTERED_IN_ERROR';
  if (status !== 'active' && status !== 'inactive') return 'CONSENT_NOT_ACTIVE';
  if (supersededIds.includes(consent.id)) return 'CONSENT_SUPERSEDED';
  if (withdrawnAt !== undefined && !(at < withdrawnAt)) return 'CONSENT_WITHDRAWN';
  if (status === 'inactive' && withdrawnAt === undefined) return 'CONSENT_NOT_ACTIVE';
  if (!(at >= period.start)) return 'CONSENT_NOT_YET_VALID';
  if (period.end !== undefined && !(at < period.end)) return 'CONSENT_EXPIRED';
  if (evidence !== undefined && isOverdue(evidence, at)) return 'CONSENT_EVIDENCE_OVERDUE';
  if (grantor.type === 'person') {
    return grantor.capacityAtGrant === 'lacks' ? 'CAPACITY_LACKING_AT_GRANT' : undefined;
  }
  return hasAuthority(grantor, person, record.explicitOnly)
    ? undefined
    : 'REPRESENTATIVE_AUTHORITY_INVALID';
}

// A form that came after the deadline does not revive the consent: a new one is recorded instead.
function isOverdue(
  { kind, attestedAt = Number.NaN, formReceivedAt }: Evidence,
  at: number,
): boolean {
  if (kind !== 'attested-pending') return false;
  const deadline = attestedAt + formDeadlineMs;
  if (at <= deadline) return false;
  return formReceivedAt === undefined || !(formReceivedAt <= deadline);
}
