/**
 * The payloads of one transaction as they are stored: a line of canonical JSON each, as text, or packed where that
 * is worth it. Fifty events say much the same, so together they take an eighth of their space.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** One of the two. */
export interface StoredPayloads {
  /** Lines with a line feed in between. */
  payloads: string | null;
  /** The same as UTF-8 in a zstd frame (RFC 8878). */
  packed: Buffer | null;
}

/** A reader needs no tool for shorter text, and the database compresses it well enough. */
const packedFrom = 4_096;
/**
 * More is nothing of ours: a few kilobytes that somebody put there to fill the memory, or to make more lines of it
 * than the engine survives.
 */
const maxUnpackedBytes = 16 * 1_024 * 1_024;
const maxLines = 65_536;
const fastest = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export function packPayloads(lines: readonly string[]): StoredPayloads {
  const text = lines.join('\n');
  if (text.length < packedFrom) return { payloads: text, packed: null };
  return { payloads: null, packed: zstdCompressSync(text, fastest) };
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
