/**
 * The bytes of a leaf: version, class, random event id, commitment; 50 bytes, no person, no organisation,
 * no time. The commitment is an HMAC under a random key of its own, because the bare hash of anything
 * with an NHS number in it is reversed by trying them all; destroying payload and key leaves noise.
 */
import { createHmac } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';

export const leafClasses = { event: 1, erasure: 2, key: 3, shard: 4 } as const;
type LeafClass = (typeof leafClasses)[keyof typeof leafClasses];

export interface Leaf {
  leafClass: LeafClass;
  /** 16 random bytes. */
  id: Buffer;
  /** 32 bytes. */
  commitment: Buffer;
}

const version = 1;
const idAt = 2;
const commitmentAt = idAt + 16;
export const leafBytes = commitmentAt + 32;

/** HMAC-SHA-256 over the UTF-8 of a canonical payload (RFC 8785). Requires 32 random bytes of key. */
export function commitment(key: Buffer, payload: string): Buffer {
  return createHmac('sha256', key).update(payload, 'utf8').digest();
}

/** Requires an id of 16 and a commitment of 32 bytes. */
export function formatLeaf(leaf: Leaf): Buffer {
  if (
    leaf.id.length !== commitmentAt - idAt ||
    leaf.commitment.length !== leafBytes - commitmentAt
  ) {
    throw new RangeError('a leaf has an id of 16 bytes and a commitment of 32');
  }
  const bytes = Buffer.allocUnsafe(leafBytes);
  bytes[0] = version;
  bytes[1] = leaf.leafClass;
  bytes.set(leaf.id, idAt);
  bytes.set(leaf.commitment, commitmentAt);
  return bytes;
}

/** Throws LEDGER_UNAVAILABLE for another length, version or class: a stored leaf that is not ours. */
export function parseLeaf(bytes: Buffer): Leaf {
  const leafClass = Object.values(leafClasses).find((known) => known === bytes[1]);
  if (bytes.length !== leafBytes || bytes[0] !== version || leafClass === undefined) {
    throw new GatewayError('LEDGER_UNAVAILABLE', { detail: 'A stored ledger leaf is malformed.' });
  }
  return {
    leafClass,
    id: bytes.subarray(idAt, commitmentAt),
    commitment: bytes.subarray(commitmentAt),
  };
}
