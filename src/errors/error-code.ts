/**
 * Every code that a partner can meet, in one closed union. A code without a public face does not
 * compile (api/problem-types.ts), and docs/problems.md is compared with this list by a test.
 */

/** Refusals at the door, before any HTTP is parsed. */
export const doorCodes = [
  'CERTIFICATE_MISSING',
  'CERTIFICATE_UNTRUSTED',
  'CERTIFICATE_NOT_YET_VALID',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_PROFILE',
  'CERTIFICATE_UNKNOWN',
  'CERTIFICATE_REVOKED',
  'PARTICIPANT_SUSPENDED',
  'TOO_MANY_CONNECTIONS',
  'GATEWAY_CLOSED',
] as const;

/** Refusals by the consent decision that may be shown as they are (docs/consent-model.md). */
export const refusalCodes = [
  'NO_SHARING_AGREEMENT',
  'IDENTITY_INVALID',
  'PERSON_DECEASED',
  'AUDIT_TRAIL_ONLY',
  'PURPOSE_NOT_PERMITTED',
  'OVERRIDE_INCOMPLETE',
  'OVERRIDE_NOT_APPLICABLE',
  'BREAK_GLASS_NOT_APPLICABLE',
  'BREAK_GLASS_ROLE',
  'NO_LEGITIMATE_RELATIONSHIP',
  'NATIONAL_OPT_OUT',
  'NOTHING_LEFT_AFTER_FILTER',
  'CONSENT_SCOPE_MISMATCH',
  'NO_CONSENT_ON_FILE',
  'CONSENT_WITHDRAWN',
  'CONSENT_EXPIRED',
  'CONSENT_EVIDENCE_OVERDUE',
  'CONSENT_NOT_YET_VALID',
  'CONSENT_NOT_ACTIVE',
  'CONSENT_ENTERED_IN_ERROR',
  'CONSENT_SUPERSEDED',
  'CONSENT_NOT_IN_FORCE',
  'NOT_PERMITTED',
  'TRACE_STALE',
] as const;

/** Everything else that a request can meet. */
export const requestCodes = [
  'REQUEST_MALFORMED',
  'REQUEST_INVALID',
  'JSON_MALFORMED',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
  'NOT_ACCEPTABLE',
  'ROUTE_NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'RESOURCE_NOT_FOUND',
  'REQUEST_TIMEOUT',
  'RATE_LIMITED',
  'TOO_BUSY',
  'LEDGER_UNAVAILABLE',
  'INTERNAL_ERROR',
  'IDEMPOTENCY_KEY_NEEDED',
  'IDEMPOTENCY_MISMATCH',
  'PRECONDITION_NEEDED',
  'PRECONDITION_FAILED',
  'RECORD_INVALID',
  'PERSON_MISMATCH',
  'RECORD_RETRACTED',
  'SCHEMA_UNKNOWN',
  'SECTION_UNKNOWN',
  'CUSTODIAN_NEEDED',
  'REGISTRATION_CONFLICT',
  'PURPOSE_NEEDED',
  'ASSERTION_NEEDED',
  'ASSERTION_INVALID',
  'CONSENT_STATE_CONFLICT',
  'ATTESTATION_BARRED',
  'LIMIT_REACHED',
  'CURSOR_INVALID',
  'DELIVERY_ENDED',
  'DELIVERY_STATE_CONFLICT',
  'CURSOR_GONE',
] as const;

export type DoorCode = (typeof doorCodes)[number];
export type RefusalCode = (typeof refusalCodes)[number];
export type RequestCode = (typeof requestCodes)[number];
export type ErrorCode = DoorCode | RefusalCode | RequestCode;
