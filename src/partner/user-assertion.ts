/**
 * A user assertion (docs/user-assertions.md) as a partner's system signs one: a JWS in compact form (RFC 7515 section
 * 7.1), good for one request. Pure but for its `jti`; the time is handed in.
 */
import { type KeyObject, randomUUID, sign } from 'node:crypto';

/** Who asks, and for what. */
export interface AssertedUser {
  sub: string;
  name: string;
  role: string;
  purpose: string;
}

export interface UserAssertionOptions {
  user: AssertedUser;
  /** ODS code of the organisation. */
  issuer: string;
  /** The gateway's name. */
  audience: string;
  /** EC P-256 or RSA, of the organisation. */
  key: KeyObject;
  now: Date;
}

const lifeSeconds = 120;

/** Throws RangeError for a key of another kind. */
export function signUserAssertion(options: UserAssertionOptions): string {
  const { user, issuer, audience, key, now } = options;
  const { sub, name, role, purpose } = user;
  const iat = Math.floor(now.getTime() / 1_000);
  const claims = { sub, name, role, purpose, iss: issuer, aud: audience, iat };
  const text = [
    part({ alg: algorithmOf(key) }),
    part({ ...claims, exp: iat + lifeSeconds, jti: randomUUID() }),
  ].join('.');
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  if (type === 'rsa') return 'RS256';
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ES256';
  throw new RangeError('an assertion is signed with an RSA key or an EC key on P-256');
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
