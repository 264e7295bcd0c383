/**
 * What a partner reads when a request fails for anything but the consent decision. Status codes as RFC
 * 9110 has them; 428 and 429 as RFC 6585.
 */
import type { RequestCode } from '../errors/error-code.ts';
import { problemType as of, type ProblemType } from './problem-type.ts';

export const requestProblems = {
  REQUEST_MALFORMED: of(
    'request',
    400,
    'The request is not well-formed',
    'Check the header fields and the query against the API description.',
  ),
  REQUEST_INVALID: of(
    'request',
    422,
    'The body does not fit its schema',
    'Correct what `errors` names.',
  ),
  JSON_MALFORMED: of(
    'request',
    400,
    'The body is not acceptable JSON',
    'Send JSON in UTF-8 (RFC 8259), without duplicate members.',
  ),
  BODY_TOO_LARGE: of('request', 413, 'The body is too large', 'Send a smaller body.'),
  MEDIA_TYPE_UNSUPPORTED: of(
    'request',
    415,
    'The body has the wrong media type',
    'Send application/json in UTF-8, without a content coding.',
  ),
  NOT_ACCEPTABLE: of(
    'request',
    406,
    'No acceptable representation',
    'Accept application/json. Problems come as application/problem+json.',
  ),
  ROUTE_NOT_FOUND: of(
    'request',
    404,
    'There is no such call',
    'Check the path against the API description at /openapi.json.',
  ),
  METHOD_NOT_ALLOWED: of(
    'request',
    405,
    'The method is not allowed here',
    'Use a method that the header field Allow names.',
  ),
  // One body for every reason: no such person, another organisation's, a wrong birth date, no record.
  RESOURCE_NOT_FOUND: {
    ...of(
      'request',
      404,
      'Not found',
      'There is nothing here for your organisation. Check the identifiers.',
    ),
    isUniform: true,
  },
  REQUEST_TIMEOUT: of(
    'request',
    408,
    'The request took too long to arrive',
    'Send header fields and body without long pauses.',
  ),
  CURSOR_INVALID: of(
    'request',
    400,
    'The cursor is not valid',
    'Start again without a cursor; cursors belong to one list.',
  ),
  CURSOR_GONE: of(
    'request',
    410,
    'The cursor is of a ledger that is no more',
    'Read again without `after`: what you hold is listed anew.',
  ),
  RATE_LIMITED: of(
    'availability',
    429,
    'Too many requests',
    'Wait as long as Retry-After says.',
    60,
  ),
  TOO_BUSY: of(
    'availability',
    503,
    'The gateway is busy',
    'Repeat the request as Retry-After says. Nothing was disclosed or accepted.',
    5,
  ),
  LEDGER_UNAVAILABLE: of(
    'availability',
    503,
    'The transfer log cannot be written',
    'Repeat the request as Retry-After says, a write with the same Idempotency-Key. Nothing leaves before it is written down.',
    5,
  ),
  // RFC 9457 section 4.2.1: no more than the status code says.
  INTERNAL_ERROR: {
    type: 'about:blank',
    status: 500,
    title: 'Internal Server Error',
    isUniform: true,
  },
  IDEMPOTENCY_KEY_NEEDED: of(
    'idempotency',
    400,
    'An Idempotency-Key is needed',
    'Send a new Idempotency-Key with every new request, and the same one when you repeat it.',
  ),
  IDEMPOTENCY_MISMATCH: of(
    'idempotency',
    422,
    'The Idempotency-Key was used for another request',
    'Use a new key for a new request.',
  ),
  PRECONDITION_NEEDED: of(
    'precondition',
    428,
    'A precondition is needed',
    'Send If-None-Match: * to create, or If-Match with the ETag of the version that you replace.',
  ),
  PRECONDITION_FAILED: of(
    'precondition',
    412,
    'The precondition does not hold',
    'Read the record again and decide anew.',
  ),
  RECORD_INVALID: of(
    'record',
    422,
    'The record does not fit its schema',
    'Correct what `errors` names.',
  ),
  PERSON_MISMATCH: of(
    'record',
    422,
    'The document is about somebody else',
    'Check that the client id and the document are the same person’s. `errors` names what is not the person’s.',
  ),
  RECORD_RETRACTED: of('record', 410, 'The record was taken back', 'Do not use copies of it.'),
  SCHEMA_UNKNOWN: of(
    'record',
    422,
    'The schema is not known here',
    'Name a schema version that this gateway knows.',
  ),
  SECTION_UNKNOWN: of(
    'record',
    400,
    'The section is not known here',
    'Ask for sections that the record type has.',
  ),
  CUSTODIAN_NEEDED: of(
    'conflict',
    409,
    'Several custodians hold such a record',
    'Name one of `custodians` in the query parameter custodian.',
  ),
  REGISTRATION_CONFLICT: of(
    'conflict',
    409,
    'The registration conflicts with what is held',
    'Check the identity at its source. The conflict awaits review; nothing was changed.',
  ),
  CONSENT_STATE_CONFLICT: of(
    'conflict',
    409,
    'The state of the consent does not allow this',
    'Read the consents again.',
  ),
  ATTESTATION_BARRED: of(
    'conflict',
    409,
    'Consent cannot be attested here',
    'Have the consent recorded with its evidence by the custodian.',
  ),
  LIMIT_REACHED: of(
    'conflict',
    409,
    'No more can be held for this person',
    'Ask the gateway operator.',
  ),
  DELIVERY_ENDED: of(
    'delivery',
    410,
    'The delivery has ended',
    'It is not given any more: it was acknowledged, taken back, refused or not fetched in time.',
  ),
  DELIVERY_STATE_CONFLICT: of(
    'delivery',
    409,
    'The state of the delivery does not allow this',
    'Read the delivery again.',
  ),
  PURPOSE_NEEDED: of(
    'purpose',
    400,
    'A purpose is needed',
    'Name one purpose of the sharing agreement in Purpose-Of-Use.',
  ),
  ASSERTION_NEEDED: of(
    'assertion',
    403,
    'A user assertion is needed',
    'Send a signed user assertion in Authorization: Bearer.',
  ),
  ASSERTION_INVALID: of(
    'assertion',
    401,
    'The user assertion is refused',
    'Sign a new assertion with a key that is registered for your organisation.',
  ),
} satisfies Record<RequestCode, ProblemType>;
