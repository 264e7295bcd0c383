/**
 * The exchange's operations over a real PostgreSQL, without TLS and HTTP: for what is decided and
 * recorded. Journeys go through the doors.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { AgreementDocument } from '../../src/agreements/sharing-agreement.ts';
import { createIdentitySchemes } from '../../src/clients/identity-schemes/identity-scheme-registry.ts';
import { openDatabase } from '../../src/database/database.ts';
import { openDedicatedConnection } from '../../src/database/dedicated-connection.ts';
import type { Caller, RequestContext } from '../../src/exchange/caller.ts';
import { dossierReader } from '../../src/exchange/dossier.ts';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { linkReader } from '../../src/exchange/known-links.ts';
import type { PullRequest } from '../../src/exchange/pull-request.ts';
import type { Idempotency } from '../../src/exchange/receipt.ts';
import { standingReader } from '../../src/exchange/standing.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerGrowth } from '../../src/ledger/ledger-growth.ts';
import { ledgerTransactions } from '../../src/ledger/ledger-transactions.ts';
import { logSigner } from '../../src/ledger/log-checkpoint.ts';
import { ensureFirstLog } from '../../src/ledger/log-store.ts';
import { readRecordDocument } from '../../src/records/record-document.ts';
import { loadSchemaRegistry } from '../../src/records/schema-registry.ts';
import { agreement } from './builders.ts';
import { enterParticipants } from './enter-participants.ts';
import { ledgerFindings } from './ledger-findings.ts';
import { type TestClock, testClock } from './test-clock.ts';
import { testDatabase } from './test-database.ts';
import { ledgerKey } from './test-ledger.ts';

const schemasDir = fileURLToPath(new URL('../../schemas', import.meta.url));
export const schemas = loadSchemaRegistry(schemasDir);

export function fingerprintOf(odsCode: string): string {
  return createHash('sha256').update(odsCode).digest('hex');
}

export function contextOf(odsCode: string, changes: Partial<Caller> = {}): RequestContext {
  return {
    caller: {
      odsCode,
      system: 'test',
      fingerprint256: fingerprintOf(odsCode),
      assertion: undefined,
      ...changes,
    },
    requestId: randomUUID(),
  };
}

export function newKey(route = 'test'): Idempotency {
  return { route, key: randomUUID(), bodyMac: 'a body' };
}

export function pullOf(
  odsCode: string,
  client: string,
  changes: Partial<PullRequest> = {},
): PullRequest {
  return {
    context: contextOf(odsCode),
    client,
    recordType: 'social-care-summary',
    sections: undefined,
    custodian: undefined,
    purpose: 'TREAT',
    ifNoneMatch: [],
    ...changes,
  };
}

const limits = { maxBytes: 262_144, maxDepth: 32, maxKeys: 5_000 };

export const identitySchemes = createIdentitySchemes({
  ranges: 'test',
  enabled: ['nhs-number', 'chi-number', 'local-id'],
});

/** A record or a message as it is read from its text. */
export function recordOf(record: Readonly<Record<string, unknown>>, at: Date) {
  const recordType = String(record['schema']).split('/')[0] ?? '';
  return readRecordDocument(Buffer.from(JSON.stringify(record)), recordType, schemas, {
    ...{ limits, at, identitySchemes },
  });
}

export interface TestExchange extends Exchange {
  clock: TestClock;
  database: ReturnType<typeof openDatabase>;
  owner: ReturnType<typeof openDatabase>;
  postgres: Awaited<ReturnType<typeof testDatabase>>['postgres'];
  gatewayUrl: string;
}

type Owner = Parameters<typeof testDatabase>[0];

/** By whose key and origin the ledgers are held. */
export const verifier = logSigner('gateway.example/audit', ledgerKey);

/** With the participants of builders.ts and one agreement. When the test has ended its ledger must verify. */
export function testExchange(t: Owner, document = agreement()): Promise<TestExchange> {
  return openExchange(t, document, async (exchange) => {
    deepStrictEqual(await ledgerFindings(exchange, verifier), []);
  });
}

/** The same for a test that does by SQL what no gateway does: nothing is verified unasked. */
export function tamperedExchange(t: Owner, document = agreement()): Promise<TestExchange> {
  return openExchange(t, document, async () => {});
}

async function openExchange(
  t: Owner,
  document: AgreementDocument,
  atEnd: (exchange: TestExchange) => Promise<void>,
): Promise<TestExchange> {
  const { gatewayUrl, ownerUrl, postgres } = await testDatabase(t);
  const clock = testClock();
  const database = openDatabase({ url: gatewayUrl, max: 4 });
  const owner = openDatabase({ url: ownerUrl, max: 2 });
  const connection = openDedicatedConnection({ url: gatewayUrl, applicationName: 'test ledger' });
  const growth = new LedgerGrowth();
  const transactions = ledgerTransactions({
    ...{ connection, clock, observe: () => {} },
    onGrown: (size) => growth.note(size),
  });
  const ledger = new Ledger(transactions, { maxBatch: 256, maxWaiting: 2_000 });
  const exchange = {
    ledger,
    feeds: { database, growth },
    readStanding: standingReader(),
    readLinks: linkReader(),
    readDossiers: dossierReader(),
    schemas,
    identitySchemes,
    clock,
    writeRefusals: async () => {},
    macKey: Buffer.alloc(32, 7),
    deliveries: { lifeMs: 5 * 86_400_000, supersede: true, onEnqueued() {} },
    limits: { failedTracesPerHour: 20, failedTracesPerNumberPerHour: 3 },
    database,
    owner,
    postgres,
    gatewayUrl,
  };
  t.teardown(async () => {
    await ledger.close();
    try {
      await atEnd(exchange);
    } finally {
      await Promise.all([database.end(), owner.end(), connection.end()]);
    }
  });
  await ensureFirstLog(database, { origin: verifier.origin, at: clock.now() });
  const notAfter = new Date('2099-01-01T00:00:00Z');
  await enterParticipants(ledger, {
    ...{ schemas, document },
    certificateOf: (odsCode) => {
      return { fingerprint256: fingerprintOf(odsCode), notAfter, system: 'test' };
    },
  });
  return exchange;
}
