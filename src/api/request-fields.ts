/** The header fields that partners send, by name, as the API description lists them. */
export const requestFields = {
  'X-Request-ID': {
    description: 'Names this request; mirrored, made up where absent. Does not deduplicate.',
    schema: { type: 'string', format: 'uuid' },
  },
  'X-Correlation-ID': {
    description: 'Mirrored.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' },
  },
  'Idempotency-Key': {
    description:
      'A new one for every new request, the same one for a repetition. Kept for 24 hours.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
  },
  'Purpose-Of-Use': {
    description: 'v3-ActReason code; needed where the agreement has several purposes.',
    schema: { type: 'string', pattern: '^[A-Z]{2,12}$' },
  },
  Authorization: {
    description:
      'Bearer and a user assertion: a JWS signed by the organisation of the certificate.',
    schema: { type: 'string' },
  },
  Prefer: {
    description:
      '`wait=` and seconds, 30 at most: hold the answer until there is something to tell.',
    schema: { type: 'string' },
  },
  'If-Match': {
    description:
      'ETag of the version that this one replaces. A write has this one or If-None-Match.',
    schema: { type: 'string' },
  },
  'If-None-Match': {
    description: 'Of a read, ETags of what the caller holds; of a write, `*` to create.',
    schema: { type: 'string' },
  },
  'Content-Digest': {
    description: 'Of the body (RFC 9530); verified where it is sent.',
    schema: { type: 'string' },
  },
} as const;

export type RequestField = keyof typeof requestFields;
