/**
 * Content-Digest (RFC 9530): `sha-256=:d435Qo+nKZ+gLcUHn7GQtQ72hiBVAgqoLsZnZPiTGPk=:`. Made of every
 * record that is published and of every delivery; verified where the sender sends one. A dictionary of
 * RFC 9651, of which algorithms that are not known here are passed over.
 */
import { hash } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';

const algorithms: Readonly<Record<string, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' };

const member = /^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]{0,128}={0,2}):$/;

/** Of a text in UTF-8. */
export function formatContentDigest(body: Uint8Array | string): string {
  return `sha-256=:${hash('sha256', body, 'base64')}:`;
}

/** Throws REQUEST_MALFORMED where the field cannot be read or is not this body's. */
export function verifyContentDigest(
  field: string | readonly string[] | undefined,
  body: Uint8Array,
): void {
  if (field === undefined) return;
  for (const text of String(field).split(',')) {
    const [, name = '', digest] = member.exec(text.trim()) ?? [];
    if (digest === undefined)
      throw malformed('Content-Digest is not a list of digests (RFC 9530).');
    const algorithm = algorithms[name];
    if (algorithm !== undefined && hash(algorithm, body, 'base64') !== digest) {
      throw malformed('Content-Digest is not the digest of this body. It was changed on its way.');
    }
  }
}

function malformed(detail: string): GatewayError {
  return new GatewayError('REQUEST_MALFORMED', { detail });
}
