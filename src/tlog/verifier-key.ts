/**
 * Verifier keys for signed notes (c2sp.org/signed-note, "Verifier keys"), Ed25519 only (type 0x01):
 *
 *     PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
 *
 * name, key id in hexadecimal, base64 of the type byte and the 32 bytes of the key. Handed to auditors
 * out of band.
 */
import { createPublicKey, hash, type KeyObject } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';

export interface VerifierKey {
  name: string;
  /** 8 lower-case hexadecimal digits. A hint for finding the key, not an authentication of it. */
  keyId: string;
  publicKey: KeyObject;
}

const ed25519Type = Buffer.of(0x01);
const ed25519Bytes = 32;

/** A name is not empty and has no white space, no `+` and no control characters. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\s+\p{Cc}]+$/u.test(name);
}

/** Of an Ed25519 key, private or public. Throws TypeError for any other key: the operator's mistake. */
export function verifierKeyOf(name: string, key: KeyObject): VerifierKey {
  if (!isKeyName(name)) throw new TypeError('a note key name has no spaces and no "+"');
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return { name, keyId: keyIdOf(name, rawKey(publicKey)), publicKey };
}

export function formatVerifierKey({ name, keyId, publicKey }: VerifierKey): string {
  const typed = Buffer.concat([ed25519Type, rawKey(publicKey)]);
  return `${name}+${keyId}+${typed.toString('base64')}`;
}

/** Throws LEDGER_UNAVAILABLE unless the text is exactly what `formatVerifierKey` makes of that key. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', encoded = ''] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(text) ?? [];
  const typed = Buffer.from(encoded, 'base64');
  const raw = typed.subarray(1);
  if (typed[0] !== ed25519Type[0] || raw.length !== ed25519Bytes || !isKeyName(name)) {
    throw malformed();
  }
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  const key = verifierKeyOf(name, createPublicKey({ key: jwk, format: 'jwk' }));
  // Formatting again and comparing refuses a forged key id and every non-canonical base64.
  if (formatVerifierKey(key) !== text) throw malformed();
  return key;
}

/** First 4 bytes of SHA-256(name || 0x0A || type || key). */
function keyIdOf(name: string, raw: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), ed25519Type, raw])).slice(0, 8);
}

function rawKey(publicKey: KeyObject): Buffer {
  if (publicKey.asymmetricKeyType !== 'ed25519')
    throw new TypeError('a note key is an Ed25519 key');
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function malformed(): GatewayError {
  return new GatewayError('LEDGER_UNAVAILABLE', {
    detail: 'The verifier key is not name+id+base64 of an Ed25519 key.',
  });
}
