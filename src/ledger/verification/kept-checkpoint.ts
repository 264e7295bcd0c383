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

/** Must be read before the snapshot, which then holds the entries that the file speaks of, and the row if it is settled. */
export async function readKept(
  database: Database,
  { verifier, checkpointFile }: { verifier: LogVerifier; checkpointFile: string | undefined },
  findings: Findings,
): Promise<KeptCheckpoint | undefined> {
  if (checkpointFile === undefined) return undefined;
  const read = async (isSettled: boolean) => {
    const kept = await readCheckpointFile(checkpointFile, verifier);
    return kept && { ...kept, isSettled };
  };
  try {
    return await database
      .transaction(async (tx) => {
        await waitForPublisherLock(tx);
        return await read(true);
      })
      .catch((error: unknown) => {
        if (postgresFailure(error).kind !== 'lock-timeout') throw error;
        findings.addApart(
          1,
          'somebody keeps checkpoints from being signed: their lock is held for seconds',
        );
        return read(false);
      });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    findings.addApart(1, 'the checkpoint file outside the database does not verify');
    return undefined;
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
  if (isOutrun) findings.add(kept.log, missing);
  else if (kept.isSettled) findings.addApart(kept.log, `${missing}: ${perhapsEnded}`);
}
