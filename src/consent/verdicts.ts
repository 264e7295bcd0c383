/**
 * The three shapes that a decision can take. What holds for every permit is said here once: one that
 * includes nothing is a refusal, and what is known about the person redacts. docs/consent-model.md,
 * end of section 2 and section 4.
 */
import type {
  Basis,
  Decision,
  Obligation,
  PersonFacts,
  ReasonCode,
  Redaction,
  SectionReason,
} from './decision.ts';

/** What a step found about one asked section; `withheld` undefined means it may leave. */
export interface SectionFinding {
  name: string;
  withheld: SectionReason | undefined;
}

/** On what a permit rests. */
export interface Grounds {
  basis: Basis;
  code: ReasonCode;
  /** Beside AUDIT, which every decision carries. */
  obligations?: readonly Obligation[];
  consentUsed?: string | undefined;
}

/** The findings are of asked sections only, in record order. */
export function permit(
  person: PersonFacts,
  findings: readonly SectionFinding[],
  grounds: Grounds,
): Decision {
  const includedSections: string[] = [];
  const excludedSections: Record<string, SectionReason> = {};
  for (const { name, withheld } of findings) {
    if (withheld === undefined) includedSections.push(name);
    else excludedSections[name] = withheld;
  }
  if (includedSections.length === 0) return deny('NOTHING_LEFT_AFTER_FILTER');

  const redactions: Redaction[] = [];
  const codes: [ReasonCode, ...ReasonCode[]] = [grounds.code];
  if (isRestricted(person)) {
    redactions.push('location');
    codes.push('PDS_RESTRICTED_LOCATION');
  }
  if (person.objectsToNhsNumber) {
    redactions.push('nhsNumber');
    codes.push('NHS_NUMBER_OBJECTION');
  }
  const whole = includedSections.length === findings.length && redactions.length === 0;
  return {
    decision: whole ? 'PERMIT' : 'PERMIT_FILTERED',
    basis: grounds.basis,
    includedSections,
    excludedSections,
    redactions,
    reasonCodes: codes,
    obligations: grounds.obligations ? ['AUDIT', ...grounds.obligations] : ['AUDIT'],
    consentUsed: grounds.consentUsed ?? null,
    httpStatus: 200,
  };
}

export function deny(code: ReasonCode, httpStatus: 400 | 403 | 404 = 403): Decision {
  return refuse('DENY', code, httpStatus, ['AUDIT']);
}

/** Neither yes nor no: a human guardian decides. */
export function refer(code: ReasonCode): Decision {
  return refuse('REFER', code, 403, ['AUDIT', 'REFER_CALDICOTT_GUARDIAN']);
}

function refuse(
  decision: 'DENY' | 'REFER',
  code: ReasonCode,
  httpStatus: 400 | 403 | 404,
  obligations: readonly Obligation[],
): Decision {
  return {
    decision,
    basis: null,
    includedSections: [],
    excludedSections: {},
    redactions: [],
    reasonCodes: [code],
    obligations,
    consentUsed: null,
    httpStatus,
  };
}

// PDS has had several codes for "sensitive"; one that is not known to be harmless hides the address.
function isRestricted({ pdsSecurity }: PersonFacts): boolean {
  return pdsSecurity !== undefined && pdsSecurity !== 'U';
}
