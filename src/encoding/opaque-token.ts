/**
 * Opaque values for partners: cursors that they hand back unchanged, and digests for entity tags that tell
 * nothing about what they stand for. HMAC-SHA-256 (RFC 2104) cut to 16 bytes. A token is authentic, not
 * secret: its payload can be read, so it holds positions and never personal data.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';

const tagBytes = 16;
/** Tokens come back in query strings: a bound before any work is done. */
const maxTokenLength = 1024;

/** base64url(tag || payload). `purpose` keeps the tokens of one list from opening in another. */
export function sealToken(key: Buffer, purpose: string, payload: string): string {
  const tag = mac(key, ['token', purpose, payload]);
  const token = Buffer.concat([tag, Buffer.from(payload)]).toString('base64url');
  if (token.length > maxTokenLength) throw new RangeError('a token of more than 1024 characters');
  return token;
}

/** The payload. Throws CURSOR_INVALID for anything that `sealToken` did not make with key and purpose. */
export function openToken(key: Buffer, purpose: string, token: string): string {
  const bytes = Buffer.from(token.slice(0, maxTokenLength), 'base64url');
  const payload = bytes.toString('utf8', tagBytes);
  // Node decodes base64 leniently; one payload must have one spelling.
  const isCanonical = bytes.length >= tagBytes && bytes.toString('base64url') === token;
  const tag = mac(key, ['token', purpose, payload]);
  if (!isCanonical || !timingSafeEqual(tag, bytes.subarray(0, tagBytes))) {
    throw new GatewayError('CURSOR_INVALID', {
      detail: 'The cursor was not issued for this list. Start again without one.',
    });
  }
  return payload;
}

/** 22 characters of base64url that change whenever a part does. Unquoted; the face makes it an `ETag`. */
export function keyedDigest(key: Buffer, purpose: string, ...parts: readonly string[]): string {
  return mac(key, ['digest', purpose, ...parts]).toString('base64url');
}

/** Each field after its length in bytes, so that no two lists of fields are the same text. */
function mac(key: Buffer, fields: readonly string[]): Buffer {
  if (key.length < 32) throw new RangeError('a MAC key has at least 32 bytes');
  const framed = fields.map((field) => `${Buffer.byteLength(field)}:${field}`).join('');
  return createHmac('sha256', key).update(framed, 'utf8').digest().subarray(0, tagBytes);
}
