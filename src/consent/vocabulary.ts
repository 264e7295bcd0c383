/**
 * The closed vocabularies of the consent decision: HL7 v3-ActReason purposes of use and the classes they
 * fall in, HL7 v3-Confidentiality labels, FHIR R4 Consent.status, NHS England proxy legal bases, and the
 * codes that a decision answers with. docs/consent-model.md, sections 1, 3 and 4.
 */

export const orgTypes = [
  'nhs-health-centre',
  'nhs-hospital',
  'la-social-care',
  'la-housing-benefit',
  'auditor',
] as const;

/** v3-Confidentiality, in rising order: normal, restricted, very restricted. */
export const sectionLabels = ['N', 'R', 'V'] as const;

export const consentStatuses = [
  'proposed',
  'active',
  'inactive',
  'rejected',
  'entered-in-error',
] as const;

export const evidenceKinds = ['signed-form', 'recorded-verbal', 'attested-pending'] as const;

/** Who gave the consent: the person, or somebody who speaks for them. */
export const grantorTypes = [
  'person',
  'lpa-health-welfare',
  'deputy-personal-welfare',
  'lpa-property-financial',
  'deputy-property-financial',
  'dwp-appointee',
  'best-interest',
  'parental-responsibility',
] as const;

/** Why one asked section is withheld. */
export const sectionReasons = [
  'OUTSIDE_LEGAL_SCOPE',
  'MINIMUM_NECESSARY',
  'SENSITIVITY_LABEL',
  'CONSENT_DENY',
  'NO_MATCHING_CONSENT',
] as const;

/** Everything that `reasonCodes` of a decision may hold. */
export const reasonCodes = [
  'NO_SHARING_AGREEMENT',
  'IDENTITY_INVALID',
  'IDENTITY_MISMATCH',
  'IDENTITY_UNVERIFIED',
  'COURT_ORDER',
  'STATUTORY_DUTY',
  'AUDIT_TRAIL_ONLY',
  'PERSON_DECEASED',
  'SAFEGUARDING_OVERRIDE',
  'PURPOSE_NOT_PERMITTED',
  'EXPLICIT_CONSENT',
  'IMPLIED_CONSENT',
  'BREAK_GLASS',
  'OVERRIDE_INCOMPLETE',
  'OVERRIDE_NOT_APPLICABLE',
  'BREAK_GLASS_NOT_APPLICABLE',
  'BREAK_GLASS_ROLE',
  'DISSENT_INCLUDES_EMERGENCY',
  'NO_LEGITIMATE_RELATIONSHIP',
  'NATIONAL_OPT_OUT',
  'CONSENT_DENY',
  'NOTHING_LEFT_AFTER_FILTER',
  'CONSENT_SCOPE_MISMATCH',
  'CONSENT_WITHDRAWN',
  'CONSENT_EXPIRED',
  'CONSENT_EVIDENCE_OVERDUE',
  'REPRESENTATIVE_AUTHORITY_INVALID',
  'CAPACITY_LACKING_AT_GRANT',
  'CONSENT_NOT_YET_VALID',
  'CONSENT_NOT_ACTIVE',
  'CONSENT_ENTERED_IN_ERROR',
  'CONSENT_SUPERSEDED',
  'NO_CONSENT_ON_FILE',
  'PDS_RESTRICTED_LOCATION',
  'NHS_NUMBER_OBJECTION',
] as const;

/** As a rule's purpose it stands for every purpose of individual care. */
export const individualCare = 'individual-care';

/** What anything else is called: research, planning, legal, administration. */
export type PurposeClass = typeof individualCare | 'eligibility' | 'secondary';

const purposeClasses: ReadonlyMap<string, PurposeClass> = new Map([
  ['TREAT', individualCare],
  ['COC', individualCare],
  ['ETREAT', individualCare],
  ['CAREMGT', individualCare],
  ['BTG', individualCare],
  ['ELIGDTRM', 'eligibility'],
  ['ELIGVER', 'eligibility'],
  ['COVERAGE', 'eligibility'],
]);

/** The class of a v3-ActReason code; a code that nobody listed is secondary, which is the strictest. */
export function classifyPurpose(purpose: string): PurposeClass {
  return purposeClasses.get(purpose) ?? 'secondary';
}

/**
 * Whether an organisation of this type may claim a purpose of this class. Secondary purposes fit
 * everyone here: only an explicit consent that names them permits them afterwards.
 */
export function isPurposeFitting(
  orgType: (typeof orgTypes)[number],
  purposeClass: PurposeClass,
): boolean {
  switch (purposeClass) {
    case individualCare:
      return (
        orgType === 'nhs-health-centre' ||
        orgType === 'nhs-hospital' ||
        orgType === 'la-social-care'
      );
    case 'eligibility':
      return orgType === 'la-housing-benefit' || orgType === 'la-social-care';
    case 'secondary':
      return true;
  }
}
