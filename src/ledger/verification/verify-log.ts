/**
 * One log from its first entry to its last, in pieces: entries, search rows, tree, block roots, checkpoints.
 * It keeps a few batches in memory, whatever the size of the log; followers keep what they say.
 */
import type { Queryable } from '../../database/queryable.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { rootOf } from '../../tlog/frontier.ts';
import { leafBytes } from '../leaf.ts';
import { type LogCheckpoint, type LogVerifier, parseLogCheckpoint } from '../log-checkpoint.ts';
import { isOfAnother } from '../log-ownership.ts';
import type { StoredEvent } from '../stored-event.ts';
import { leafHashes } from '../stored-tree.ts';
import type { EventFollower } from './event-follower.ts';
import type { Findings } from './findings.ts';
import { type SignedTree, treeWalk } from './tree-walk.ts';
import {
  findBatches,
  findBlocks,
  findCheckpoints,
  findSearchRows,
  findStrayRows,
  type StoredBatch,
} from './verification-store.ts';
import { verifyBatch } from './verify-batch.ts';

export interface LogToVerify {
  log: number;
  verifier: LogVerifier;
  /** Epoch milliseconds of the last entry of the log before. */
  lastAt: number;
  /** Checkpoints of this log that are kept elsewhere. */
  keptElsewhere: readonly LogCheckpoint[];
  /** As of the end of the log before. */
  followers: readonly EventFollower[];
  /** Up to this size the loss of signed entries was declared by a later log. */
  declaredSize: number;
}

export interface VerifiedLog {
  log: number;
  entries: number;
  checkpoints: number;
  root: Buffer;
  lastAt: number;
  /** Its first entry, where that is one that opens a log. */
  opening: StoredEvent | undefined;
  /** False where entries are missing, so that the tree beyond them cannot be computed. */
  isWhole: boolean;
}

export async function verifyLog(
  queryable: Queryable,
  { log, verifier, keptElsewhere, followers, declaredSize, ...before }: LogToVerify,
  findings: Findings,
): Promise<VerifiedLog> {
  const walk = treeWalk(log, findings);
  let { lastAt } = before;
  let opening: StoredEvent | undefined;
  let checkpoints = 0;
  const ofAnother: number[] = [];
  let size = 0;
  let isWhole = true;

  const signedBetween = async (above: number, upTo: number): Promise<SignedTree[]> => {
    const stored = await findCheckpoints(queryable, log, { above, upTo });
    checkpoints += stored.length;
    const outside = keptElsewhere.filter((kept) => kept.size > above && kept.size <= upTo);
    return [
      ...stored.flatMap((row) => signedTree(verifier, log, row, findings, ofAnother)),
      ...outside.map((kept) => ({ ...kept, name: 'the checkpoint kept outside the database' })),
    ].sort((a, b) => a.size - b.size);
  };

  for (const empty of await signedBetween(-1, 0)) walk.compare(empty);
  for await (const batches of batchesOf(queryable, log)) {
    const range = rangeOf(batches);
    const rows = await findSearchRows(queryable, log, range);
    const searchRows = new Map(rows.map((row) => [row.index, row]));
    if (searchRows.size < rows.length) {
      findings.addFault(log, 'search rows from here on stand there twice', range.from);
    }
    const signed = await signedBetween(size, range.to);
    for (const batch of batches) {
      if (batch.firstIndex !== size) {
        const what = batch.firstIndex > size ? 'are missing' : 'are stored twice';
        findings.addFault(log, `entries from here to index ${batch.firstIndex} ${what}`, size);
        isWhole = false;
      }
      const opened = verifyBatch(batch, { log, lastAt, searchRows }, findings);
      if (!isWhole || opened.length * leafBytes < batch.leaves.length) {
        for (const follower of followers) follower.miss();
      }
      for (const { index, event } of opened) {
        lastAt = Math.max(lastAt, Date.parse(event.at));
        if (index === 0 && event.action === 'log.opened') opening = event;
        for (const follower of followers) {
          const misfit = follower.misfitOf(event, { log, index });
          if (misfit !== undefined) findings.addMisfit(log, misfit, index);
        }
      }
      if (isWhole) walk.grow(leafHashes(batch.leaves), signed);
      size = endOf(batch);
    }
    const blocks = { from: Math.floor(range.from / 256), to: Math.floor(range.to / 256) };
    walk.compareBlocks(await findBlocks(queryable, log, blocks));
  }

  for (const { kind, index, count } of await findStrayRows(queryable, log, size)) {
    findings.addFault(log, `${kind} rows that belong to no entry begin here (${count})`, index);
  }
  for (const { size: beyond } of await signedBetween(size, Number.MAX_SAFE_INTEGER)) {
    if (beyond <= declaredSize) continue;
    findings.addFault(
      log,
      `a checkpoint of ${beyond} entries was signed, and they are not there`,
      size,
    );
  }
  if (ofAnother.length > 0) {
    // one finding: with the wrong origin or key at hand it would be every checkpoint that there is
    const which = `the first is at size ${ofAnother[0]}`;
    findings.addFault(log, `checkpoints of another log or key (${ofAnother.length}); ${which}`);
  }
  const root = rootOf(walk.frontier);
  return { log, entries: size, checkpoints, root, lastAt, opening, isWhole };
}

async function* batchesOf(
  queryable: Queryable,
  log: number,
): AsyncGenerator<readonly StoredBatch[]> {
  let after = -1;
  for (;;) {
    const batches = await findBatches(queryable, log, after);
    const last = batches.at(-1);
    if (!last) return;
    yield batches;
    after = last.firstIndex;
  }
}

function rangeOf(batches: readonly StoredBatch[]): { from: number; to: number } {
  return { from: batches[0]?.firstIndex ?? 0, to: Math.max(...batches.map(endOf)) };
}

function endOf({ firstIndex, leaves }: StoredBatch): number {
  return firstIndex + leaves.length / leafBytes;
}

/**
 * The stored checkpoint where it is what its row says; where not a finding, or its size among those of another log or
 * key.
 */
function signedTree(
  verifier: LogVerifier,
  log: number,
  row: { size: number; note: string },
  findings: Findings,
  ofAnother: number[],
): SignedTree[] {
  try {
    const checkpoint = parseLogCheckpoint(verifier, row.note);
    if (checkpoint.log === log && checkpoint.size === row.size) {
      return [{ ...checkpoint, name: 'the checkpoint' }];
    }
    findings.addFault(log, `the checkpoint of ${row.size} entries says another log or size`);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (isOfAnother(verifier, row.note)) ofAnother.push(row.size);
    else findings.addFault(log, `the checkpoint of ${row.size} entries does not verify`);
  }
  return [];
}
