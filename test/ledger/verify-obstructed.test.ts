/** What somebody puts in the way of a verification: it neither passes for one that found nothing nor hides what it found. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Database } from '../../src/database/database.ts';
import type { Queryable } from '../../src/database/queryable.ts';
import { verifyState } from '../../src/exchange/verify-state.ts';
import { CheckpointPublisher } from '../../src/ledger/checkpoint-publisher.ts';
import { logSigner } from '../../src/ledger/log-checkpoint.ts';
import { ensureFirstLog } from '../../src/ledger/log-store.ts';
import { verifyLedger } from '../../src/ledger/verification/verify-ledger.ts';
import { knownPerson } from '../support/borough.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { testExchange } from '../support/test-exchange.ts';
import { ledgerKey } from '../support/test-ledger.ts';

const exchange = await testExchange(t);
const { database, owner, clock } = exchange;
const folder = mkdtempSync(join(tmpdir(), 'jetway-obstructed-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const signer = logSigner('gateway.example/audit', ledgerKey);
const checkpointFile = join(folder, 'checkpoint');
await ensureFirstLog(database, { origin: signer.origin, at: clock.now() });
const publisher = new CheckpointPublisher({
  ...{ signer, checkpointFile, database, clock },
  observe: () => undefined,
});
await publisher.tick();

const tables = [
  ...['ledger_logs', 'ledger_head', 'ledger_leaves', 'ledger_payloads', 'ledger_blocks'],
  ...['ledger_events', 'ledger_checkpoints', 'person_names'],
];
const copies = (copy: string) =>
  tables.map((table) => `create table ${copy}_${table} as table ${table}`).join('; ');
const restore = (copy: string) =>
  tables
    .map((table) => `delete from ${table}; insert into ${table} select * from ${copy}_${table}`)
    .join('; ');

await owner.query(copies('older'));
await knownPerson(exchange, somebody());
await publisher.tick();

await owner.query(copies('saved'));

const verify = (of = database) =>
  verifyLedger(of, { verifier: signer, checkpointFile }, verifyState);
const untouched = { findings: [], isComplete: true, isStateCompared: true, isWitnessed: true };

t.test('a ledger that nobody touched, and whose state nobody touched, verifies', async (t) => {
  t.match(await verify(), untouched);
});

/** Tampers as the owner of the database would while somebody holds the lock, verifies, and puts everything back. */
async function verifyUnderLock(change: string) {
  // what five seconds of waiting come to, in less
  const impatient = ({ query }: Queryable): Queryable => ({
    query: (text, values) =>
      query(typeof text === 'string' ? text.replace("'5s'", "'20ms'") : text, values),
  });
  const waiting: Database = {
    ...database,
    transaction: (work) => database.transaction((tx) => work(impatient(tx))),
  };
  return owner.transaction(async (holder) => {
    await holder.query("select pg_advisory_xact_lock(hashtextextended('jetway checkpoint', 0))");
    await owner.query(change);
    const { findings, isStateCompared, isWitnessed } = await verify(waiting);
    await owner.query(restore('saved'));
    return { findings: findings.map(({ finding }) => finding), isStateCompared, isWitnessed };
  });
}

t.test('what is tampered with while somebody keeps the lock of signing is found', async (t) => {
  const held = 'somebody keeps checkpoints from being signed: their lock is held for seconds';
  const compared = { isStateCompared: true, isWitnessed: true };
  t.same(await verifyUnderLock('select 1'), { findings: [held], ...compared });
  t.same(
    await verifyUnderLock("update person_names set name_key = 'MALORY' where is_current"),
    { findings: [held, 'the identity that it left is not what it was'], ...compared },
    'in the rows that decisions rest on',
  );
  const restored = await verifyUnderLock(restore('older'));
  t.match(restored.findings, [held, /^a checkpoint of \d+ entries was signed, and they are not/]);
  t.equal(restored.isStateCompared, false, 'rows are not compared with entries that are missing');
});

t.test('the lock excuses nothing but the row of a checkpoint that is being signed', async (t) => {
  const missing = /^the checkpoint of \d+ entries kept outside the database is missing inside$/;
  const findingsOf = async (change: string) => (await verifyUnderLock(change)).findings.slice(1);
  const newest = 'where size = (select max(size) from ledger_checkpoints)';
  t.same(await findingsOf(`delete from ledger_checkpoints ${newest}`), []);
  t.match(await findingsOf(`update ledger_checkpoints set size = size + 1 ${newest}`), [
    /^the checkpoint of \d+ entries says another log or size$/,
    missing,
  ]);
});
