/**
 * The payloads of one transaction as they are stored: a line of canonical JSON each, as text, or packed where that
 * is worth it. Fifty events say much the same, so together they take an eighth of their space.
 */
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** One of the two. */
export interface StoredPayloads {
  /** Lines with a line feed in between. */
  payloads: string | null;
  /**
   * The same as UTF-8 in a zstd frame (RFC 8878), behind a skippable frame with its CRC-32. Any zstd tool unpacks it;
   * the sum is there because a few bits of a frame say nothing, and verification tells every byte that is not as it
   * was written.
   */
  packed: Buffer | null;
}

/** A reader needs no tool for shorter text, and the database compresses it well enough. */
const packedFrom = 4_096;
/**
 * More is nothing of ours: a few kilobytes that somebody put there to fill the memory, or to make more lines of it
 * than the engine survives.
 */
export const maxUnpackedBytes = 16 * 1_024 * 1_024;
const maxLines = 65_536;
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** RFC 8878 section 3.1.2: magic number, then the size of what follows. */
const sumHeader = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]);
const frameAt = sumHeader.length + 4;

/**
 * Throws RangeError for more than is read back: rather no transaction than one that nobody can verify. Far away: an
 * event has some kilobytes, and a transaction a few hundred of them.
 */
export function packPayloads(lines: readonly string[]): StoredPayloads {
  const text = lines.join('\n');
  // a character takes up to three bytes of UTF-8
  if (lines.length > maxLines || text.length * 3 > maxUnpackedBytes) {
    throw new RangeError('more payloads than one transaction may have');
  }
  if (text.length < packedFrom) return { payloads: text, packed: null };
  const frame = zstdCompressSync(text, fastest);
  return { payloads: null, packed: Buffer.concat([sumFrame(frame), frame]) };
}

/** Undefined where they are missing, or nothing of ours: somebody has changed them. */
export function payloadLines({ payloads, packed }: StoredPayloads): readonly string[] | undefined {
  const text = payloads ?? (packed && unpacked(packed));
  if (text === null || text === undefined || text.length > maxUnpackedBytes) return undefined;
  const lines = text.split('\n', maxLines + 1);
  return lines.length > maxLines ? undefined : lines;
}

function unpacked(packed: Buffer): string | undefined {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: maxUnpackedBytes }).toString('utf8');
  } catch {
    return undefined;
  }
}

/** Whether every byte is as it was written. Where not, what unpacks may be the same still. */
export function hasItsSum(packed: Buffer): boolean {
  const frame = packed.subarray(frameAt);
  return packed.subarray(0, frameAt).equals(sumFrame(frame));
}

function sumFrame(frame: Buffer): Buffer {
  const sum = Buffer.allocUnsafe(4);
  sum.writeUInt32LE(crc32(frame));
  return Buffer.concat([sumHeader, sum]);
}
