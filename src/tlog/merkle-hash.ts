/**
 * The two hashes of a Merkle tree: RFC 6962 section 2.1 (RFC 9162 section 2.1.1), SHA-256. The first byte
 * keeps leaves and nodes apart, so that no node can be passed off as an entry.
 */
import { hash } from 'node:crypto';

export const hashBytes = 32;

/** Root of the tree without entries: SHA-256 of nothing. */
export const emptyRoot: Buffer = hash('sha256', '', 'buffer');

/** SHA-256(0x00 || entry) */
export function leafHash(entry: Buffer): Buffer {
  const input = Buffer.allocUnsafe(1 + entry.length);
  input[0] = 0x00;
  input.set(entry, 1);
  return sha256(input);
}

/** SHA-256(0x01 || left || right). Requires two hashes of 32 bytes. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  const input = Buffer.allocUnsafe(1 + 2 * hashBytes);
  input[0] = 0x01;
  input.set(left, 1);
  input.set(right, 1 + hashBytes);
  return sha256(input);
}

/** As text and back: the bytes come from Node's pool, which is cheaper than a buffer of OpenSSL's for each. */
function sha256(input: Buffer): Buffer {
  return Buffer.from(hash('sha256', input, 'latin1'), 'latin1');
}
