/**
 * Idempotency-Key: a repetition is answered with the receipt of what happened. The actual path belongs to
 * the scope, so that one key for two people cannot answer for the wrong one.
 */
import { hash } from 'node:crypto';
import { keyedDigest } from '../encoding/opaque-token.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Idempotency } from '../exchange/receipt.ts';
import { malformed } from './malformed.ts';
import type { Call } from './route.ts';

const keyPattern = /^[\x21-\x7e]{1,255}$/;

/**
 * `route` is method and path as they are, of checked parts: one path has one spelling there. Throws
 * IDEMPOTENCY_KEY_NEEDED or REQUEST_MALFORMED.
 */
export function idempotencyOf(macKey: Buffer, route: string, call: Call): Idempotency {
  const key = call.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') throw new GatewayError('IDEMPOTENCY_KEY_NEEDED');
  if (!keyPattern.test(key)) {
    throw malformed('Idempotency-Key must be 1 to 255 visible ASCII characters.');
  }
  const digest = hash('sha256', call.body, 'base64');
  return { route, key, bodyMac: keyedDigest(macKey, 'body', digest) };
}
