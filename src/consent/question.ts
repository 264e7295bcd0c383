/**
 * The input of a decision with what every step needs worked out once: which sections are asked, and the
 * class of the purpose. docs/consent-model.md section 1.
 */
import type { DecisionInput, Section } from './decision.ts';
import { classifyPurpose, individualCare, type PurposeClass } from './vocabulary.ts';

export interface Question {
  input: DecisionInput;
  /** Requested sections that the record holds, in record order; all of them when none are named. */
  asked: readonly Section[];
  purposeClass: PurposeClass;
  /** Individual care claimed by somebody who does not care for this person. */
  lacksRelationship: boolean;
}

export function createQuestion(input: DecisionInput): Question {
  const purposeClass = classifyPurpose(input.purpose);
  return {
    input,
    asked: selectAsked(input),
    purposeClass,
    lacksRelationship: purposeClass === individualCare && !input.requester.legitimateRelationship,
  };
}

function selectAsked({ record, requestedSections }: DecisionInput): readonly Section[] {
  if (requestedSections === undefined || requestedSections.length === 0) return record.sections;
  return record.sections.filter((section) => requestedSections.includes(section.name));
}
