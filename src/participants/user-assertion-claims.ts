/**
 * The claims of a user assertion (RFC 7519 section 4.1), once its signature is known to be good. Pure: the
 * time is handed in. A partner's signature does not make its text harmless, so every string is bounded.
 */

/** Who asks, by the word of the organisation that employs them. */
export interface AssertedUser {
  /** `sub`: the user's id at the organisation. */
  subject: string;
  name: string;
  role: string;
  /** A v3-ActReason code. */
  purpose: string;
  jti: string;
  issuedAt: Date;
  expiresAt: Date;
}

interface ExpectedClaims {
  odsCode: string;
  audience: string;
  at: Date;
}

const maxLifeSeconds = 300;
const maxClockLeadSeconds = 60;
/** Year 9999: beyond it there is no `Date` to make. */
const maxNumericDate = 253_402_300_799;

const text = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,140}$/u;
const code = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
const jtiText = /^[\x21-\x7e]{8,128}$/;

/** The user, or the rule that the claims break, as a clause for the partner's engineer. */
export function readAssertionClaims(
  payload: Uint8Array,
  { odsCode, audience, at }: ExpectedClaims,
): { user: AssertedUser } | { rule: string } {
  const claims = parseClaims(payload);
  if (!claims) return { rule: 'its payload is not a JSON object' };
  const { iss, aud, sub, name, role, purpose, jti, iat, exp, nbf } = claims;
  if (iss !== odsCode) return { rule: '`iss` must be the ODS code of the certificate' };
  if (!isOnly(aud, audience)) return { rule: '`aud` must be this gateway alone' };
  if (!isText(sub, text)) return { rule: '`sub` must be 1 to 140 printable characters' };
  if (!isText(name, text)) return { rule: '`name` must be 1 to 140 printable characters' };
  if (!isText(role, code)) return { rule: '`role` must be a code of 1 to 64 characters' };
  if (!isText(purpose, code)) return { rule: '`purpose` must be a code of 1 to 64 characters' };
  if (!isText(jti, jtiText)) return { rule: '`jti` must be 8 to 128 visible ASCII characters' };
  if (!isNumericDate(iat)) return { rule: '`iat` must be seconds since 1970' };
  if (!isNumericDate(exp)) return { rule: '`exp` must be seconds since 1970' };
  const seconds = at.getTime() / 1000;
  const latestStart = seconds + maxClockLeadSeconds;
  if (iat > latestStart) return { rule: '`iat` is more than 60 seconds in the future' };
  if (nbf !== undefined && !(isNumericDate(nbf) && nbf <= latestStart)) {
    return { rule: '`nbf` is not yet reached' };
  }
  if (exp <= iat) return { rule: '`exp` must be after `iat`' };
  if (exp > iat + maxLifeSeconds) return { rule: '`exp` must be at most 300 seconds after `iat`' };
  if (exp <= seconds) return { rule: 'it has expired' };
  const issuedAt = new Date(iat * 1000);
  const expiresAt = new Date(exp * 1000);
  return { user: { subject: sub, name, role, purpose, jti, issuedAt, expiresAt } };
}

function parseClaims(payload: Uint8Array): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 7519 lets one audience stand alone or in an array. More than one could be replayed elsewhere. */
function isOnly(aud: unknown, audience: string): boolean {
  return aud === audience || (Array.isArray(aud) && aud.length === 1 && aud[0] === audience);
}

/** Well-formed, since a lone surrogate (`\ud800` in JSON) would break the database's `jsonb`. */
function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && value.isWellFormed() && pattern.test(value);
}

function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= maxNumericDate;
}
