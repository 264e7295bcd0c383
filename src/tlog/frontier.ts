/**
 * The right edge of a growing Merkle tree: its size and the roots of its complete subtrees, largest
 * first, one for each 1 bit of the size. All that appending and the root need (RFC 6962 section 2.1:
 * a tree splits at the largest power of two below its size). Values are never changed in place.
 */
import { GatewayError } from '../errors/gateway-error.ts';
import { emptyRoot, hashBytes, nodeHash } from './merkle-hash.ts';

export interface Frontier {
  /** Leaves in the tree, 0 to 2^53 - 1. */
  readonly size: number;
  /** Roots of 32 bytes, largest subtree first; as many as `size` has 1 bits. */
  readonly hashes: readonly Buffer[];
}

/** The root of leaves 256·block to 256·block + 255: tile-aligned (c2sp.org/tlog-tiles), so worth keeping. */
export interface BlockRoot {
  readonly block: number;
  readonly root: Buffer;
}

const blockLeaves = 256;
const blockLevel = 8;

export const emptyFrontier: Frontier = { size: 0, hashes: [] };

/** The tree with the leaves added, and the roots of the blocks that they completed, oldest first. */
export function appendLeafHashes(
  frontier: Frontier,
  leafHashes: Iterable<Buffer>,
): { frontier: Frontier; blocks: readonly BlockRoot[] } {
  const hashes = [...frontier.hashes];
  const blocks: BlockRoot[] = [];
  let { size } = frontier;
  for (const leaf of leafHashes) {
    pushSubtree(hashes, size, leaf, (level, root) => {
      if (level === blockLevel) blocks.push({ block: Math.floor(size / blockLeaves), root });
    });
    size += 1;
  }
  return { frontier: checked(size, hashes), blocks };
}

/** The same tree from what a ledger stores: the roots of its full blocks, then the leaves after them. */
export function frontierFromBlocks(
  blockRoots: Iterable<Buffer>,
  tailLeafHashes: Iterable<Buffer>,
): Frontier {
  const hashes: Buffer[] = [];
  let blocks = 0;
  for (const root of blockRoots) {
    pushSubtree(hashes, blocks, root);
    blocks += 1;
  }
  return appendLeafHashes(checked(blocks * blockLeaves, hashes), tailLeafHashes).frontier;
}

/** MTH of the whole tree: the subtrees folded from the smallest up. */
export function rootOf(frontier: Frontier): Buffer {
  return (
    frontier.hashes.reduceRight<Buffer | undefined>(
      (right, left) => (right === undefined ? left : nodeHash(left, right)),
      undefined,
    ) ?? emptyRoot
  );
}

/** The hashes end to end, largest subtree first, for a database column beside that of the size. */
export function encodeFrontier({ hashes }: Frontier): Buffer {
  return Buffer.concat(hashes);
}

/** Throws LEDGER_UNAVAILABLE unless there are exactly the hashes that a tree of that size has. */
export function decodeFrontier(size: number, bytes: Buffer): Frontier {
  if (!Number.isSafeInteger(size) || size < 0 || bytes.length !== subtreeCount(size) * hashBytes) {
    throw new GatewayError('LEDGER_UNAVAILABLE', {
      detail: "The ledger's stored size and frontier do not agree.",
    });
  }
  const hashes = Array.from({ length: bytes.length / hashBytes }, (_, i) =>
    // A copy, because the bytes belong to the driver's buffer.
    Buffer.from(bytes.subarray(i * hashBytes, (i + 1) * hashBytes)),
  );
  return { size, hashes };
}

/** How many hashes a frontier of that size has: its 1 bits. Bit operators would cut at 32 bits. */
function subtreeCount(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** Like carrying in binary addition: `count` subtrees of one height stand there, one more arrives. */
function pushSubtree(
  hashes: Buffer[],
  count: number,
  subtree: Buffer,
  onComplete?: (level: number, root: Buffer) => void,
): void {
  if (subtree.length !== hashBytes) throw new RangeError('a tree hash has 32 bytes');
  let node = subtree;
  let level = 0;
  for (let rest = count; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = hashes.pop();
    if (left === undefined) throw new RangeError('a frontier lacks a hash for a 1 bit of its size');
    node = nodeHash(left, node);
    level += 1;
    onComplete?.(level, node);
  }
  hashes.push(node);
}

function checked(size: number, hashes: readonly Buffer[]): Frontier {
  if (!Number.isSafeInteger(size)) throw new RangeError('a tree has at most 2^53 - 1 leaves');
  return { size, hashes };
}
