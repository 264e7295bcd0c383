/**
 * What a partner reads when the consent decision refuses (docs/consent-model.md). The texts say what to
 * do and nothing about the person: the same words stand for everybody who is refused with that code.
 */
import type { RefusalCode } from '../errors/error-code.ts';
import { problemType as of } from './problem-type.ts';

export const refusalProblems = {
  NO_SHARING_AGREEMENT: of(
    'agreement',
    403,
    'No sharing agreement covers this',
    'Ask the gateway operator which agreements name your organisation, and for which record types, purposes and roles.',
  ),
  NOT_PERMITTED: of(
    'agreement',
    403,
    'This is not permitted',
    'Ask the gateway operator. The reason is in the transfer log, under Ledger-Index.',
  ),
  IDENTITY_INVALID: of(
    'identity',
    400,
    'The identity is not valid',
    'Check the number against its source: its form or its check digit is wrong, it is a test number where real ones are used or the other way round, or its scheme is not used here.',
  ),
  TRACE_STALE: of(
    'identity',
    403,
    'The trace of this person is too old',
    'Trace the person again, then repeat this request.',
  ),
  NO_LEGITIMATE_RELATIONSHIP: of(
    'identity',
    403,
    'No relationship with this person is recorded',
    'Trace the person with your relationship to them, then repeat this request.',
  ),
  PERSON_DECEASED: of(
    'consent',
    403,
    'Consent does not open this record any more',
    'Ask the custodian directly, under the rules for records of people who have died.',
  ),
  AUDIT_TRAIL_ONLY: of(
    'purpose',
    403,
    'This purpose opens the transfer log alone',
    'Use the audit calls; records are not disclosed for this purpose.',
  ),
  PURPOSE_NOT_PERMITTED: of(
    'purpose',
    403,
    'The purpose is not permitted',
    'Use a purpose that the sharing agreement names for this record type.',
  ),
  OVERRIDE_INCOMPLETE: of(
    'override',
    403,
    'The override lacks what it needs',
    'Record a new override with all the evidence that its type asks for.',
  ),
  OVERRIDE_NOT_APPLICABLE: of(
    'override',
    403,
    'The override does not open this',
    'Check which organisation, record type and sections the override names, and its end.',
  ),
  BREAK_GLASS_NOT_APPLICABLE: of(
    'override',
    403,
    'Break-glass does not open this',
    'Break-glass is for emergency care alone. Ask for consent, or use another lawful basis.',
  ),
  BREAK_GLASS_ROLE: of(
    'override',
    403,
    'The role may not break the glass',
    'Let a user act whose role the sharing agreement names for break-glass.',
  ),
  NATIONAL_OPT_OUT: of(
    'consent',
    403,
    'The national data opt-out applies',
    'Do not use the record for this purpose.',
  ),
  NOTHING_LEFT_AFTER_FILTER: of(
    'consent',
    403,
    'Nothing of the record may be disclosed',
    'Ask for other sections, or check what the sharing agreement gives your role.',
  ),
  CONSENT_SCOPE_MISMATCH: of(
    'consent',
    403,
    'Consent does not reach this',
    'Ask for consent that names this record type, purpose and organisation.',
  ),
  NO_CONSENT_ON_FILE: of(
    'consent',
    403,
    'No consent is on file',
    'Ask the person, then have the consent recorded.',
  ),
  CONSENT_WITHDRAWN: of(
    'consent',
    403,
    'Consent was withdrawn',
    'Do not ask again on the same grounds. Only a new consent opens the record.',
  ),
  CONSENT_EXPIRED: of('consent', 403, 'Consent has expired', 'Ask the person for a new consent.'),
  CONSENT_EVIDENCE_OVERDUE: of(
    'consent',
    403,
    'The attested consent has lapsed',
    'Its signed form did not arrive in seven days. Have a new consent recorded, with its evidence.',
  ),
  CONSENT_NOT_YET_VALID: of(
    'consent',
    403,
    'Consent does not hold yet',
    'Wait for the start of its period, or ask for a consent that holds now.',
  ),
  CONSENT_NOT_ACTIVE: of(
    'consent',
    403,
    'Consent is not active',
    'Ask the custodian for the state of the consent.',
  ),
  CONSENT_ENTERED_IN_ERROR: of(
    'consent',
    403,
    'Consent was entered in error',
    'Ask the person, then have the consent recorded anew.',
  ),
  CONSENT_SUPERSEDED: of(
    'consent',
    403,
    'Consent was superseded',
    'Another consent took its place; that one decides.',
  ),
  CONSENT_NOT_IN_FORCE: of(
    'consent',
    403,
    'No consent is in force',
    'Ask the custodian whether a new consent can be asked for.',
  ),
} satisfies Record<RefusalCode, ReturnType<typeof of>>;
