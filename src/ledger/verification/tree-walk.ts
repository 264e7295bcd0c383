/**
 * The tree of one log, grown again from its leaves and compared on the way with what is stored and what was
 * signed: block roots, checkpoints, and at the end the head. Pure.
 */
import { appendLeafHashes, emptyFrontier, type Frontier, rootOf } from '../../tlog/frontier.ts';
import type { Findings } from './findings.ts';

/** A size and root that somebody signed. */
export interface SignedTree {
  size: number;
  root: Buffer;
  /** For the finding: `the checkpoint`, `the checkpoint kept outside the database`. */
  name: string;
}

export interface TreeWalk {
  readonly frontier: Frontier;
  /** Compares with the tree as it is now. */
  compare(signed: SignedTree): void;
  /** Grows by the hashes and compares those signed trees, in order of size, that it comes to. */
  grow(hashes: readonly Buffer[], signed: readonly SignedTree[]): void;
  /** Compares with the roots of the blocks that became full since the last call. */
  compareBlocks(stored: readonly { block: number; root: Buffer }[]): void;
}

export function treeWalk(log: number, findings: Findings): TreeWalk {
  let frontier = emptyFrontier;
  let full = new Map<number, Buffer>();

  function compare(tree: SignedTree): void {
    if (rootOf(frontier).equals(tree.root)) return;
    findings.addFault(
      log,
      `${tree.name} of ${tree.size} entries is not of this tree`,
      lastOf(tree.size),
    );
  }

  return {
    get frontier() {
      return frontier;
    },
    compare,
    grow(hashes, signed) {
      const start = frontier.size;
      const stops = signed.filter(({ size }) => size > start && size <= start + hashes.length);
      const advance = (size: number) => {
        const grown = appendLeafHashes(frontier, hashes.slice(frontier.size - start, size - start));
        for (const { block, root } of grown.blocks) full.set(block, root);
        ({ frontier } = grown);
      };
      for (const tree of stops) {
        advance(tree.size);
        compare(tree);
      }
      advance(start + hashes.length);
    },
    compareBlocks(stored) {
      const byBlock = new Map(stored.map(({ block, root }) => [block, root]));
      for (const [block, root] of full) {
        const found = byBlock.get(block);
        if (found?.equals(root)) continue;
        const what = found ? 'is not that of its leaves' : 'is missing';
        findings.addFault(log, `the root of block ${block} ${what}`, block * 256);
      }
      full = new Map();
    },
  };
}

/** The last entry that a tree of this size has. */
function lastOf(size: number): number | undefined {
  return size > 0 ? size - 1 : undefined;
}
