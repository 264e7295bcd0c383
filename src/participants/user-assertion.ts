/**
 * User assertions: a partner's signed word about which of its users asks, in which role and for what. A JWS
 * in compact form (RFC 7515) with the registered claims of RFC 7519, read as RFC 8725 advises: algorithms
 * pinned to the registered key, one audience, a short life. That the `jti` was not used before is checked by
 * the ledger's transaction.
 */
import type { KeyObject } from 'node:crypto';
import { compactVerify, decodeProtectedHeader } from 'jose';
import { GatewayError } from '../errors/gateway-error.ts';
import { type AssertedUser, readAssertionClaims } from './user-assertion-claims.ts';

export type AssertionAlgorithm = 'ES256' | 'RS256';

/** A key that an organisation registered for signing user assertions. */
export interface AssertionKey {
  kid: string;
  publicKey: KeyObject;
  algorithm: AssertionAlgorithm;
}

export interface AssertionContext {
  /** The organisation of the certificate. */
  odsCode: string;
  /** This gateway's name. */
  audience: string;
  at: Date;
  /** Those of the organisation, no others. */
  keys: readonly AssertionKey[];
}

export interface UserAssertion extends AssertedUser {
  /** The registered key that signed it. */
  kid: string;
}

const maxTokenLength = 4096;

/** Peer-controlled input. Throws ASSERTION_INVALID naming the rule, never the value. */
export async function verifyUserAssertion(
  token: string,
  { odsCode, audience, at, keys }: AssertionContext,
): Promise<UserAssertion> {
  if (token.length > maxTokenLength) throw invalid('it is longer than 4 kB');
  if (!isCompact(token)) throw invalid('it is not a JWS in compact form');
  for (const key of candidates(token, keys)) {
    const payload = await signedPayload(token, key);
    if (payload === undefined) continue;
    const read = readAssertionClaims(payload, { odsCode, audience, at });
    if ('rule' in read) throw invalid(read.rule);
    return { ...read.user, kid: key.kid };
  }
  throw invalid('no key registered for the organisation verifies the signature');
}

/** RFC 7515 section 7.1. The decoder skips white space and spare bits; a token has one spelling here. */
function isCompact(token: string): boolean {
  const parts = token.split('.');
  return (
    parts.length === 3 &&
    parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
  );
}

/** By algorithm and, where the header names one, by key id: the header chooses among keys, never beside them. */
function candidates(token: string, keys: readonly AssertionKey[]): readonly AssertionKey[] {
  const { alg, kid, typ, crit } = protectedHeader(token);
  if (alg !== 'ES256' && alg !== 'RS256') throw invalid('`alg` must be ES256 or RS256');
  if (crit !== undefined) throw invalid('`crit` is not supported');
  if (typ !== undefined && !(typeof typ === 'string' && typ.toUpperCase() === 'JWT')) {
    throw invalid('`typ` must be JWT where it is given');
  }
  return keys.filter((key) => key.algorithm === alg && (kid === undefined || key.kid === kid));
}

function protectedHeader(token: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw invalid('its header is not a JSON object');
  }
}

/** Undefined when this key did not sign it. */
async function signedPayload(token: string, key: AssertionKey): Promise<Uint8Array | undefined> {
  try {
    const verified = await compactVerify(token, key.publicKey, { algorithms: [key.algorithm] });
    return verified.payload;
  } catch {
    return undefined;
  }
}

function invalid(rule: string): GatewayError {
  return new GatewayError('ASSERTION_INVALID', {
    detail: `The user assertion is refused: ${rule}.`,
  });
}
