/**
 * A ledger in working order: its own connection, which is refused where the database does not extend what
 * was signed, the pool, and the publisher of checkpoints.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { openDedicatedConnection } from '../database/dedicated-connection.ts';
import { type CheckpointObservation, CheckpointPublisher } from './checkpoint-publisher.ts';
import { Ledger, type LedgerLimits } from './ledger.ts';
import type { LedgerGrowth } from './ledger-growth.ts';
import { type LedgerObservation, ledgerTransactions } from './ledger-transactions.ts';
import type { LogSigner } from './log-checkpoint.ts';
import { requireOwnLog } from './log-ownership.ts';
import { ensureFirstLog } from './log-store.ts';

export interface OpenLedgerOptions {
  database: Database;
  /** Of the same database: the ledger keeps a connection of its own. */
  url: string;
  signer: LogSigner;
  /** Where the last checkpoint is kept outside the database. */
  checkpointFile: string;
  limits: LedgerLimits;
  clock: Clock;
  /** Must not throw. */
  observe: (observation: LedgerObservation | CheckpointObservation) => void;
  /** Is told of every commit that added entries. */
  growth?: LedgerGrowth;
}

export interface OpenLedger {
  ledger: Ledger;
  publisher: CheckpointPublisher;
  /** Finishes what waits, and signs it. */
  close(): Promise<void>;
}

/** Throws AnotherLogError where the settings are not those of the log that is there. */
export async function openLedger(options: OpenLedgerOptions): Promise<OpenLedger> {
  const { database, url, signer, checkpointFile, limits, clock, observe, growth } = options;
  // before the first log gets its name, which is for good
  await requireOwnLog(database, { signer, checkpointFile });
  await ensureFirstLog(database, { origin: signer.origin, at: clock.now() });
  const publisher = new CheckpointPublisher({ database, signer, checkpointFile, clock, observe });
  await publisher.start();
  const connection = openDedicatedConnection({
    url,
    applicationName: 'jetway ledger',
    onConnect: (queryable) => publisher.requireContinuity(queryable),
  });
  const transactions = ledgerTransactions({
    ...{ connection, clock, observe },
    onGrown: (ledger) => growth?.note(ledger),
  });
  const ledger = new Ledger(transactions, limits);
  return {
    ledger,
    publisher,
    async close() {
      await ledger.close();
      await connection.end();
      await publisher.stop();
      await publisher.tick();
    },
  };
}
