/**
 * What an operator does when the database does not extend what was signed: the old log is over, whatever it
 * still holds, and a new one under a new origin begins with an entry that names the loss. Nothing is
 * signed twice, and no auditor can overlook it.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/queryable.ts';
import { emptyFrontier } from '../tlog/frontier.ts';
import { appendEvents } from './append.ts';
import { keepCheckpoint, readCheckpointFile, setCheckpointAside } from './checkpoint-file.ts';
import type { LedgerWitness } from './kept-continuity.ts';
import { checkContinuity } from './ledger-continuity.ts';
import { type LedgerEvent, ledgerEvent } from './ledger-event.ts';
import { appendStatement, appendValues } from './ledger-store.ts';
import { type LogCheckpoint, signLogCheckpoint } from './log-checkpoint.ts';
import { originOf } from './log-origin.ts';
import { requireOwnLog } from './log-ownership.ts';
import { findLogs, insertCheckpoint, insertLog } from './log-store.ts';
import { getTree, lockHead, startLog, type TreeRow } from './tree-store.ts';

export interface RecoverOptions extends LedgerWitness {
  database: Database;
  clock: Clock;
  /** Who does it: recorded in the new log's first entry. */
  operator: string;
}

export type Recovery =
  | { recovered: false; reason: string }
  /** The new log, what the old one still holds, and where its last checkpoint lies now. */
  | {
      recovered: true;
      origin: string;
      heldEntries: number;
      signedEntries: number;
      keptAside: string;
    };

/**
 * Throws LEDGER_UNAVAILABLE where the checkpoint file is no checkpoint, AnotherLogError where it or the database is
 * another log's.
 */
export async function recoverLedger(options: RecoverOptions): Promise<Recovery> {
  const { database, signer, checkpointFile } = options;
  await requireOwnLog(database, options);
  const kept = await readCheckpointFile(checkpointFile, signer);
  if (!kept) {
    return {
      recovered: false,
      reason: 'There is no checkpoint file: nothing says what is missing.',
    };
  }
  const opened = await database.transaction((tx) => openNextLog(tx, options, kept));
  if (!opened) {
    return {
      recovered: false,
      reason: 'The database extends the checkpoint file: nothing is lost.',
    };
  }
  // A crash before this line leaves the old file, which the new log's row declares to be over.
  const checkpoint = signLogCheckpoint(signer, opened.tree);
  const keptAside = await setCheckpointAside(checkpointFile, kept.log);
  await keepCheckpoint(checkpointFile, checkpoint);
  await insertCheckpoint(database, checkpoint);
  return {
    recovered: true,
    origin: originOf(signer.origin, opened.tree.log),
    heldEntries: opened.held.size,
    signedEntries: kept.size,
    keptAside,
  };
}

/** Undefined where there is nothing to recover from. */
async function openNextLog(
  tx: Queryable,
  { signer, clock, operator }: RecoverOptions,
  kept: LogCheckpoint,
): Promise<{ held: TreeRow; tree: { log: number; size: number; root: Buffer } } | undefined> {
  await lockHead(tx);
  if ((await checkContinuity(tx, signer, kept)).extends) return undefined;
  const held = await getTree(tx);
  const logs = await findLogs(tx);
  // above what the file names too: an origin that was once signed is never used again
  const log = Math.max(kept.log, held.log, ...logs.map((known) => known.log)) + 1;
  const at = Math.max(held.at.getTime(), clock.now().getTime());
  await insertLog(tx, {
    log,
    origin: originOf(signer.origin, log),
    at: new Date(at),
    predecessorCheckpoint: kept.note,
  });
  await startLog(tx, log);
  const event = logOpened(originOf(signer.origin, held.log), held, kept, operator);
  const batch = appendEvents({ log, at, frontier: emptyFrontier }, [event], at);
  await tx.query(appendStatement, appendValues(batch));
  return { held, tree: { log, size: batch.next.frontier.size, root: batch.next.root } };
}

function logOpened(
  origin: string,
  held: TreeRow,
  kept: LogCheckpoint,
  operator: string,
): LedgerEvent {
  return ledgerEvent({
    action: 'log.opened',
    outcome: 'done',
    particulars: {
      operator,
      checkpoint: kept.note,
      held: { origin, size: held.size, root: held.root.toString('base64') },
    },
  });
}
