/** The check of src/ledger/ledger-continuity.ts against the file where the last checkpoint is kept. */
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { readCheckpointFile } from './checkpoint-file.ts';
import { type Continuity, checkContinuity } from './ledger-continuity.ts';
import type { LogCheckpoint, LogSigner } from './log-checkpoint.ts';

/** Where the ledger's word outside the database is, and who signs it. */
export interface LedgerWitness {
  signer: LogSigner;
  /** Path of the last signed checkpoint. */
  checkpointFile: string;
}

export async function checkKeptContinuity(
  queryable: Queryable,
  { signer, checkpointFile }: LedgerWitness,
): Promise<Continuity> {
  let kept: LogCheckpoint | undefined;
  try {
    kept = await readCheckpointFile(checkpointFile, signer);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const remedy =
      'Restore it; only where there is no copy, remove it: then the database is believed.';
    return {
      extends: false,
      cause: 'file',
      reason: `The checkpoint file cannot be used. ${error.detail} ${remedy}`,
    };
  }
  return checkContinuity(queryable, signer, kept);
}
