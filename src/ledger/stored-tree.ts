/**
 * Frontiers computed from what is stored. Cheap on purpose: a full block counts by its root, which a
 * comparison with a signed root confirms; that the leaves below are whole is for `jetway ledger verify`.
 */
import type { Queryable } from '../database/queryable.ts';
import { appendLeafHashes, type Frontier, frontierFromBlocks } from '../tlog/frontier.ts';
import { leafHash } from '../tlog/merkle-hash.ts';
import { leafBytes } from './leaf.ts';
import { findBlockRoots, findLeaves } from './tree-store.ts';

const blockLeaves = 256;

/** The frontier of the first `size` entries; undefined where the database does not hold them all. */
export async function loadFrontier(
  queryable: Queryable,
  log: number,
  size: number,
): Promise<Frontier | undefined> {
  const count = Math.floor(size / blockLeaves);
  const roots = await findBlockRoots(queryable, log, count);
  if (roots.length !== count) return undefined;
  return extendFrontier(queryable, log, frontierFromBlocks(roots, []), size);
}

/** The frontier grown to `size` entries; undefined where the database does not hold them all. */
export async function extendFrontier(
  queryable: Queryable,
  log: number,
  frontier: Frontier,
  size: number,
): Promise<Frontier | undefined> {
  let grown = frontier;
  while (grown.size < size) {
    const range = { from: grown.size, to: size };
    for (const batch of await findLeaves(queryable, log, range)) {
      if (batch.firstIndex > grown.size) return undefined;
      const hashes = leafHashes(
        batch.leaves,
        grown.size - batch.firstIndex,
        size - batch.firstIndex,
      );
      grown = appendLeafHashes(grown, hashes).frontier;
    }
    if (grown.size === range.from) return undefined;
  }
  return grown.size === size ? grown : undefined;
}

/** Of the leaves `from` (inclusive) to `to` (exclusive) of a batch, as far as it has them. */
export function leafHashes(leaves: Buffer, from = 0, to = Number.POSITIVE_INFINITY): Buffer[] {
  const count = Math.min(to, leaves.length / leafBytes) - from;
  return Array.from({ length: Math.max(0, count) }, (_, i) =>
    leafHash(leaves.subarray((from + i) * leafBytes, (from + i + 1) * leafBytes)),
  );
}
