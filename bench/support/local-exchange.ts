/** The exchange's operations in this process, without TLS and HTTP: for filling a database quickly. */
import { fileURLToPath } from 'node:url';
import { createIdentitySchemes } from '../../src/clients/identity-schemes/identity-scheme-registry.ts';
import { systemClock } from '../../src/clock.ts';
import { openDatabase } from '../../src/database/database.ts';
import { openDedicatedConnection } from '../../src/database/dedicated-connection.ts';
import { dossierReader } from '../../src/exchange/dossier.ts';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { linkReader } from '../../src/exchange/known-links.ts';
import { standingReader } from '../../src/exchange/standing.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerGrowth } from '../../src/ledger/ledger-growth.ts';
import { ledgerTransactions } from '../../src/ledger/ledger-transactions.ts';
import { ensureFirstLog } from '../../src/ledger/log-store.ts';
import { loadSchemaRegistry } from '../../src/records/schema-registry.ts';

export const ledgerLimits = { maxBatch: 256, maxWaiting: 2_000 };
export const ledgerOrigin = 'gateway.example/bench';
export const schemas = loadSchemaRegistry(fileURLToPath(new URL('../../schemas', import.meta.url)));

export interface LocalExchange extends Exchange {
  close(): Promise<void>;
}

export async function openLocalExchange(url: string, macKey: Buffer): Promise<LocalExchange> {
  const database = openDatabase({ url, max: 1 });
  await ensureFirstLog(database, { origin: ledgerOrigin, at: systemClock.now() });
  const connection = openDedicatedConnection({ url, applicationName: 'jetway bench' });
  const transactions = ledgerTransactions({ connection, clock: systemClock, observe() {} });
  const ledger = new Ledger(transactions, ledgerLimits);
  return {
    ledger,
    database,
    feeds: { database, growth: new LedgerGrowth() },
    readStanding: standingReader(),
    readLinks: linkReader(),
    readDossiers: dossierReader(),
    schemas,
    identitySchemes: createIdentitySchemes({ ranges: 'test', enabled: ['nhs-number'] }),
    clock: systemClock,
    async writeRefusals() {},
    macKey,
    deliveries: { lifeMs: 432_000_000, supersede: true, onEnqueued() {} },
    limits: { failedTracesPerHour: 50, failedTracesPerNumberPerHour: 5 },
    async close() {
      await ledger.close();
      await Promise.all([connection.end(), database.end()]);
    },
  };
}
