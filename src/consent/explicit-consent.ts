/**
 * Step 7 of the decision: what the consents on file say about each asked section. The most specific
 * rules decide, and among equals a deny wins. docs/consent-model.md section 2.
 */
import {
  countSpecificity,
  coversSection,
  isDeny,
  isForRecordType,
  namesSections,
  reachesRequest,
} from './consent-rules.ts';
import type { Consent, ConsentRule, DecisionInput, ReasonCode, Section } from './decision.ts';
import type { Question } from './question.ts';
import type { SectionFinding } from './verdicts.ts';
import { findSupersededIds, findVoidReason } from './void-consents.ts';

export interface ReachingRule {
  rule: ConsentRule;
  consentId: string;
  specificity: number;
}

export interface VoidConsent {
  consent: Consent;
  reason: ReasonCode;
}

export interface ExplicitFinding extends SectionFinding {
  /** The consent whose rule permits the section. */
  consentId: string | undefined;
}

export interface ExplicitConsent {
  /** One for each asked section, in record order. */
  findings: readonly ExplicitFinding[];
  /** Of the consents that count, in the order on file. */
  reaching: readonly ReachingRule[];
  voided: readonly VoidConsent[];
}

export function readExplicitConsent(question: Question): ExplicitConsent {
  const { counting, voided } = separateVoid(question.input);
  const reaching: ReachingRule[] = [];
  for (const consent of preferOwn(counting, question.input)) {
    for (const rule of consent.rules) {
      if (!reachesRequest(rule, question)) continue;
      reaching.push({ rule, consentId: consent.id, specificity: countSpecificity(rule) });
    }
  }
  const hasGeneralPermit = reaching.some(({ rule }) => !isDeny(rule) && !namesSections(rule));
  const uncovered = hasGeneralPermit ? 'SENSITIVITY_LABEL' : 'NO_MATCHING_CONSENT';
  const findings = question.asked.map((section): ExplicitFinding => {
    const deciding = findDecidingRule(section, reaching);
    if (deciding === undefined)
      return { name: section.name, withheld: uncovered, consentId: undefined };
    if (isDeny(deciding.rule))
      return { name: section.name, withheld: 'CONSENT_DENY', consentId: undefined };
    return { name: section.name, withheld: undefined, consentId: deciding.consentId };
  });
  return { findings, reaching, voided };
}

function separateVoid(input: DecisionInput): { counting: Consent[]; voided: VoidConsent[] } {
  const supersededIds = findSupersededIds(input);
  const counting: Consent[] = [];
  const voided: VoidConsent[] = [];
  for (const consent of input.consents) {
    const reason = findVoidReason(consent, input, supersededIds);
    if (reason === undefined) counting.push(consent);
    else voided.push({ consent, reason });
  }
  return { counting, voided };
}

// Nobody speaks over a person who has spoken about this record type, to whomever and for whatever purpose.
function preferOwn(consents: readonly Consent[], input: DecisionInput): readonly Consent[] {
  const hasSpoken = consents.some(
    ({ grantor, rules }) =>
      grantor.type === 'person' && rules.some((rule) => isForRecordType(rule, input)),
  );
  return hasSpoken ? consents.filter(({ grantor }) => grantor.type === 'person') : consents;
}

/** Of the rules that cover the section the most specific; among equals a deny, else the first on file. */
function findDecidingRule(
  section: Section,
  reaching: readonly ReachingRule[],
): ReachingRule | undefined {
  let deciding: ReachingRule | undefined;
  for (const candidate of reaching) {
    if (!coversSection(candidate.rule, section)) continue;
    if (deciding === undefined || outweighs(candidate, deciding)) deciding = candidate;
  }
  return deciding;
}

function outweighs(candidate: ReachingRule, deciding: ReachingRule): boolean {
  if (candidate.specificity !== deciding.specificity)
    return candidate.specificity > deciding.specificity;
  return isDeny(candidate.rule) && !isDeny(deciding.rule);
}
