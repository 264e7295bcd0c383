/**
 * The only translator of errors into what a partner reads: a problem document (RFC 9457) and the header
 * fields that go with it. What is not a GatewayError is a bug, of which the partner learns nothing.
 */

import type { ErrorCode } from '../errors/error-code.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { problemTypes } from './problem-types.ts';

export interface ProblemReply {
  status: number;
  code: ErrorCode;
  headers: Readonly<Record<string, string>>;
  /** JSON text. */
  body: string;
  /** What the operator has to look into; the partner is not told. */
  unexpected: unknown;
}

export function problemReply(thrown: unknown, requestId: string): ProblemReply {
  const error = thrown instanceof GatewayError ? thrown : undefined;
  const code = error?.code ?? 'INTERNAL_ERROR';
  return {
    status: problemTypes[code].status,
    code,
    headers: headersOf(code, error),
    body: JSON.stringify(documentOf(code, error, requestId)),
    unexpected: code === 'INTERNAL_ERROR' ? (error?.cause ?? thrown) : undefined,
  };
}

/** An error's own extensions never replace a standard member. */
function documentOf(code: ErrorCode, error: GatewayError | undefined, requestId: string) {
  const { type, title, status, detail, isUniform } = problemTypes[code];
  const own = isUniform ? undefined : error;
  const instance = `urn:uuid:${requestId}`;
  const standard = { type, title, status, code, detail: own?.detail ?? detail, instance };
  return { ...standard, errors: own?.errors, ...own?.extensions, ...standard };
}

function headersOf(code: ErrorCode, error: GatewayError | undefined): Record<string, string> {
  const { type, retryAfterSeconds } = problemTypes[code];
  const wait = error?.retryAfterSeconds ?? retryAfterSeconds;
  return {
    'content-type': 'application/problem+json',
    ...(error?.ledgerIndex !== undefined && { 'ledger-index': String(error.ledgerIndex) }),
    ...(wait !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(wait))) }),
    // RFC 6750 section 3.1
    ...(code === 'ASSERTION_INVALID' && { 'www-authenticate': 'Bearer error="invalid_token"' }),
    // who may not enter is sent away, not kept waiting for the next refusal
    ...(type === 'urn:jetway:problem:door' && { connection: 'close' }),
  };
}
