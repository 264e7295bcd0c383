import t from 'tap';
import { getHead } from '../../src/ledger/ledger-store.ts';
import { verifyLedger } from '../../src/ledger/verification/verify-ledger.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { RecordedRefusal } from '../../src/ledger/work.ts';
import { postgresProxy } from '../support/postgres-proxy.ts';
import { testDatabase } from '../support/test-database.ts';
import { disclosure, type TestLedger, testLedger } from '../support/test-ledger.ts';

const cluster = await testDatabase(t);

async function checkLedger(t: Tap.Test, { database, witness }: TestLedger, size: number) {
  const { findings, logs } = await verifyLedger(database, witness);
  t.same(findings, []);
  t.equal(logs.at(-1)?.entries ?? 0, size);
}
