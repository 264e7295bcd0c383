/** What a verification of the ledger tells, entries and what decisions rest on alike, in short. */
import type { Clock } from '../../src/clock.ts';
import type { Database } from '../../src/database/database.ts';
import { stateVerification } from '../../src/exchange/verification/state-verification.ts';
import type { LogVerifier } from '../../src/ledger/log-checkpoint.ts';
import { verifyLedger } from '../../src/ledger/verification/verify-ledger.ts';

/** Findings of an entry have `entry: ` in front. */
export async function ledgerFindings(
  { database, clock }: { database: Database; clock: Pick<Clock, 'now'> },
  verifier: LogVerifier,
): Promise<readonly string[]> {
  const evidence = { verifier, checkpointFile: undefined, clock };
  const { findings } = await verifyLedger(database, evidence, stateVerification);
  return findings.map(({ index, finding }) =>
    index === undefined ? finding : `entry: ${finding}`,
  );
}
