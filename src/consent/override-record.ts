/** An override as it is kept: a fact with its evidence, for one organisation, record type and time. */
import type { Override } from './decision.ts';

export type OverrideType = Override['type'];

/** What a partner sends (schemas/api/override-request.json), as it is kept. */
export interface OverrideDocument {
  type: OverrideType;
  for: string;
  recordType: string;
  expires: string;
  ref?: string;
  sections?: readonly string[];
  authoriser?: string;
  rationale?: string;
  abuseTypes?: readonly string[];
  justification?: string;
  tipOffRisk?: boolean;
  documentSha256?: string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const month = { ms: 30 * dayMs, text: '30 days' };

/**
 * How long each type may stand from its recording, for recording alone: what is held is decided on as it is.
 * Break-glass opens for an hour (the obligation TIME_LIMIT_PT1H). A need to protect somebody is looked at anew and
 * recorded again; an order stands longer, and a year of it may have a leap day.
 */
export const overrideLives: Readonly<Record<OverrideType, { ms: number; text: string }>> = {
  'break-glass': { ms: hourMs, text: 'one hour' },
  safeguarding: month,
  'statutory-duty': month,
  'court-order': { ms: 366 * dayMs, text: 'one year' },
};

export interface HeldOverride {
  /** Whom it serves, and who recorded it. */
  organisation: string;
  recordedBy: string;
  recordType: string;
  document: OverrideDocument;
  /** Epoch milliseconds, exclusive. */
  expiresAt: number;
}

/** Purpose of auditors and complaint handlers: they see the trail, and no override opens a record to them. */
const auditPurpose = 'HCOMPL';

/** Those that the decision is handed: they name the requester and the record type and have not ended. */
export function overridesFor(
  held: readonly HeldOverride[],
  request: {
    organisation: string;
    recordType: string;
    purpose: string;
    /** Of the user assertion, if there is one. */
    user: string | undefined;
    at: number;
  },
): readonly Override[] {
  if (request.purpose === auditPurpose) return [];
  return held
    .filter(
      (override) =>
        override.organisation === request.organisation &&
        override.recordType === request.recordType &&
        request.at < override.expiresAt &&
        !isUnattributed(override, request.user),
    )
    .map(({ document }) => toDecisionOverride(document));
}

/** Leaving the user out must gain nothing: a requester's own safeguarding is judged by who asks. */
function isUnattributed(override: HeldOverride, user: string | undefined): boolean {
  const isOwn = override.recordedBy === override.organisation;
  return override.document.type === 'safeguarding' && isOwn && user === undefined;
}

function toDecisionOverride(document: OverrideDocument): Override {
  const { type, ref, sections, tipOffRisk, authoriser, rationale, abuseTypes } = document;
  if (type === 'break-glass') return { type, justification: document.justification };
  if (type === 'safeguarding') {
    return { type, authoriser, rationale, sections, abuseTypes, tipOffRisk };
  }
  return { type, ref, sections, tipOffRisk };
}
