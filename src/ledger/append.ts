/**
 * Appending to the ledger as arithmetic: a head and events in, rows and the next head out. The caller
 * holds the head's lock; nothing here does I/O or looks at a clock.
 */
import { randomFillSync } from 'node:crypto';
import { appendLeafHashes, type BlockRoot, type Frontier, rootOf } from '../tlog/frontier.ts';
import { leafHash } from '../tlog/merkle-hash.ts';
import { commitment, formatLeaf, leafClasses } from './leaf.ts';
import { eventPayload, type LedgerEvent } from './ledger-event.ts';
import { packPayloads, type StoredPayloads } from './stored-payloads.ts';

export interface LedgerHead {
  log: number;
  /** Epoch milliseconds; never runs backwards along a log. */
  at: number;
  frontier: Frontier;
}

export interface AppendedBatch extends StoredPayloads {
  log: number;
  firstIndex: number;
  at: number;
  /** 50 bytes an event. */
  leaves: Buffer;
  /** 32 bytes an event. */
  commitmentKeys: Buffer;
  events: readonly LedgerEvent[];
  /** Roots of the blocks of 256 leaves that became full. */
  blocks: readonly BlockRoot[];
  next: { frontier: Frontier; root: Buffer };
}

const idBytes = 16;
const keyBytes = 32;

/** Requires at least one event, `at` >= head.at. Event ids and commitment keys are random. */
export function appendEvents(
  head: LedgerHead,
  events: readonly LedgerEvent[],
  at: number,
): AppendedBatch {
  const ids = randomFillSync(Buffer.allocUnsafe(idBytes * events.length));
  const commitmentKeys = randomFillSync(Buffer.allocUnsafe(keyBytes * events.length));
  const leaves: Buffer[] = [];
  const hashes: Buffer[] = [];
  const lines: string[] = [];
  events.forEach((event, i) => {
    const id = ids.subarray(i * idBytes, (i + 1) * idBytes);
    const key = commitmentKeys.subarray(i * keyBytes, (i + 1) * keyBytes);
    const payload = eventPayload(event, uuidOf(id), at);
    const leafClass = event.action === 'log.opened' ? leafClasses.shard : leafClasses.event;
    const leaf = formatLeaf({ leafClass, id, commitment: commitment(key, payload) });
    lines.push(payload);
    leaves.push(leaf);
    hashes.push(leafHash(leaf));
  });
  const { frontier, blocks } = appendLeafHashes(head.frontier, hashes);
  return {
    log: head.log,
    firstIndex: head.frontier.size,
    at,
    leaves: Buffer.concat(leaves),
    commitmentKeys,
    ...packPayloads(lines),
    events,
    blocks,
    next: { frontier, root: rootOf(frontier) },
  };
}

/** Stamps version 4 and the RFC 9562 variant into 16 random bytes, in place, and formats them. */
function uuidOf(id: Buffer): string {
  id.writeUInt8((id.readUInt8(6) & 0x0f) | 0x40, 6);
  id.writeUInt8((id.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = id.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
