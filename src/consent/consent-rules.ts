/**
 * How one rule of a consent bears on a request: whether it is for the record type, whether it reaches
 * the request, which sections it covers and how specific it is. Values inside one element are ORed,
 * elements ANDed (FHIR R4 Consent.provision). docs/consent-model.md section 2, step 7.
 */
import type { ConsentRule, DecisionInput, Section } from './decision.ts';
import type { Question } from './question.ts';
import { individualCare } from './vocabulary.ts';

/** An explicit-only type must be named; a rule that names no type is for all the others. */
export function isForRecordType(
  { recordTypes }: ConsentRule,
  { recordType, record }: DecisionInput,
): boolean {
  return isListed(recordTypes) ? recordTypes.includes(recordType) : !record.explicitOnly;
}

export function reachesRequest(rule: ConsentRule, { input, purposeClass }: Question): boolean {
  return (
    isForRecordType(rule, input) &&
    (!isListed(rule.actors) || rule.actors.includes(input.requester.org)) &&
    suitsPurpose(rule, input.purpose, purposeClass === individualCare)
  );
}

function suitsPurpose({ purposes }: ConsentRule, purpose: string, forCare: boolean): boolean {
  if (!isListed(purposes)) return forCare;
  return purposes.includes(purpose) || (forCare && purposes.includes(individualCare));
}

/** A permit in general terms opens normal sections; what is labelled higher must be named. */
export function coversSection(rule: ConsentRule, section: Section): boolean {
  if (isListed(rule.sections)) return rule.sections.includes(section.name);
  return isDeny(rule) || section.label === 'N';
}

/** 0 to 3: one point each for naming actors, sections, and a purpose other than individual care. */
export function countSpecificity({ actors, sections, purposes }: ConsentRule): number {
  const namesPurpose = purposes?.some((purpose) => purpose !== individualCare) ?? false;
  return Number(isListed(actors)) + Number(isListed(sections)) + Number(namesPurpose);
}

/** Whatever does not clearly permit stands against disclosure. */
export function isDeny(rule: ConsentRule): boolean {
  return rule.type !== 'permit';
}

export function namesSections(rule: ConsentRule): boolean {
  return isListed(rule.sections);
}

function isListed(values: readonly string[] | undefined): values is readonly string[] {
  return values !== undefined && values.length > 0;
}
