/**
 * The checkpoint that is kept outside the database, held against what is published inside. A publisher writes the file
 * first and the row second, under a lock that anybody who can connect may take and keep.
 */
import type { Database } from '../../database/database.ts';
import { postgresFailure } from '../../database/postgres-errors.ts';
import type { Queryable } from '../../database/queryable.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readCheckpointFile } from '../checkpoint-file.ts';
import type { LogCheckpoint, LogVerifier } from '../log-checkpoint.ts';
import { waitForPublisherLock } from '../log-store.ts';
import type { Findings } from './findings.ts';
import { findPublished } from './verification-store.ts';
import type { VerifiedLog } from './verify-log.ts';

export interface KeptCheckpoint extends LogCheckpoint {
  /** False where somebody held the lock: the row may not have followed the file yet. */
  isSettled: boolean;
}

const lockHeld = 'somebody keeps checkpoints from being signed: their lock is held for seconds';

/**
 * Must be read before the snapshot, which then holds the entries that the file speaks of, and the row if it is
 * settled.
 */
export async function readKept(
  database: Database,
  { verifier, checkpointFile }: { verifier: LogVerifier; checkpointFile: string | undefined },
  findings: Findings,
): Promise<KeptCheckpoint | undefined> {
  if (checkpointFile === undefined) return undefined;
  const isSettled = await waitUntilSettled(database);
  if (!isSettled) findings.addMisfit(1, lockHeld);
  try {
    const kept = await readCheckpointFile(checkpointFile, verifier);
    return kept && { ...kept, isSettled };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    findings.addMisfit(1, 'the checkpoint file outside the database does not verify');
    return undefined;
  }
}

/** Whether nobody is between file and row any more. */
async function waitUntilSettled(database: Database): Promise<boolean> {
  try {
    await database.transaction(waitForPublisherLock);
    return true;
  } catch (error) {
    if (postgresFailure(error).kind !== 'lock-timeout') throw error;
    return false;
  }
}

/** The tree is compared with what is kept, so that nothing is lost by not knowing which. */
const perhapsEnded = 'somebody removed it, or a gateway ended before it wrote it';

/**
 * Published checkpoints only ever grow in number. Of a log that was restored and succeeded those of its lost end
 * may be missing; entries that are missing are a finding already.
 */
export async function verifyPublished(
  tx: Queryable,
  kept: KeptCheckpoint,
  newest: VerifiedLog | undefined,
  findings: Findings,
): Promise<void> {
  if (kept.log !== newest?.log || kept.size > newest.entries) return;
  const { isThere, isOutrun } = await findPublished(tx, kept);
  if (isThere) return;
  const missing = `the checkpoint of ${kept.size} entries kept outside the database is missing inside`;
  if (isOutrun) findings.addFault(kept.log, missing);
  else if (kept.isSettled) findings.addMisfit(kept.log, `${missing}: ${perhapsEnded}`);
}
