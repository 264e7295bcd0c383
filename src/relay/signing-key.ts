/**
 * The key that signs what is pushed, as recipients know it: a JSON Web Key (RFC 8037), named by its thumbprint
 * (RFC 7638), so that a key has one name wherever it turns up.
 */
import { hash, type KeyObject } from 'node:crypto';

export interface SigningKeyJson {
  kty: 'OKP';
  crv: 'Ed25519';
  alg: 'EdDSA';
  use: 'sig';
  kid: string;
  /** The public key, base64url. */
  x: string;
}

/** Requires an Ed25519 public key. */
export function keyIdOf(publicKey: KeyObject): string {
  const { x } = publicKey.export({ format: 'jwk' });
  return hash('sha256', JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }), 'base64url');
}

/** Requires an Ed25519 public key. */
export function signingKeyJson(publicKey: KeyObject): SigningKeyJson {
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: keyIdOf(publicKey), x };
}
