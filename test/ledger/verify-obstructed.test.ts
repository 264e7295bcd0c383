/**
 * What somebody puts in the way of a verification: it neither passes for one that found nothing nor hides what it
 * found.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Database } from '../../src/database/database.ts';
import type { Queryable } from '../../src/database/queryable.ts';
import { recordOverride } from '../../src/exchange/record-override.ts';
import { stateVerification } from '../../src/exchange/verification/state-verification.ts';
import { CheckpointPublisher } from '../../src/ledger/checkpoint-publisher.ts';
import { verifyLedger } from '../../src/ledger/verification/verify-ledger.ts';
import { knownPerson } from '../support/borough.ts';
import { centre, council } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { contextOf, newKey, tamperedExchange, verifier } from '../support/test-exchange.ts';

const exchange = await tamperedExchange(t);
const { database, owner, clock } = exchange;
const folder = mkdtempSync(join(tmpdir(), 'jetway-obstructed-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const checkpointFile = join(folder, 'checkpoint');
const publisher = new CheckpointPublisher({
  ...{ signer: verifier, checkpointFile, database, clock },
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
const { client } = await knownPerson(exchange, somebody());
const recordDuty = (expires: string) =>
  recordOverride(exchange, {
    context: contextOf(council),
    client,
    override: {
      ...{ type: 'statutory-duty', for: centre, recordType: 'social-care-summary' },
      ...{ expires, ref: 'Duty 42' },
    },
    idempotency: newKey(),
  });
await recordDuty('2026-12-01T00:00:00.5Z');
await publisher.tick();

await owner.query(copies('saved'));

const verify = (of = database) =>
  verifyLedger(of, { verifier, checkpointFile, clock }, stateVerification);
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

t.test(
  'a gateway that ended between the file and the row of a checkpoint hides nothing',
  async (t) => {
    await recordDuty('2026-12-01T00:00:00Z');
    const ending = ({ query }: Queryable): Queryable => ({
      query: (statement, values) =>
        JSON.stringify(statement).includes('insert into ledger_checkpoints')
          ? Promise.reject(new Error('it ended'))
          : query(statement, values),
    });
    const dying = new CheckpointPublisher({
      ...{ signer: verifier, checkpointFile, clock, observe: () => undefined },
      database: {
        ...database,
        transaction: (work) => database.transaction((tx) => work(ending(tx))),
      },
    });
    await dying.tick();
    const { findings, ...verification } = await verify();
    t.match(verification, { isComplete: true, isStateCompared: true, isWitnessed: true });
    t.match(
      findings.map(({ finding }) => finding),
      [/missing inside: somebody removed it, or a gateway ended before it wrote it$/],
    );
    const copy = join(folder, 'copy');
    copyFileSync(checkpointFile, copy);
    await recordDuty('2026-12-02T00:00:00Z');
    await publisher.tick();
    t.match(await verify(), untouched, 'and the next one writes it');
    t.match(
      await verifyLedger(database, { verifier, checkpointFile: copy, clock }, stateVerification),
      untouched,
      'so that nobody who has a copy of it misses it',
    );
  },
);

/** Tampers as the owner of the database would, verifies in the same transaction, and undoes everything. */
async function verifyAfter(change: string) {
  let found: Awaited<ReturnType<typeof verify>> | undefined;
  const undo = new Error('undo');
  const tampering = owner.transaction(async (tx) => {
    await tx.query(change);
    const within: Queryable = {
      query: async (text, values) =>
        // it is the transaction's first statement otherwise
        text === freezing ? { rows: [], rowCount: 0, commandTag: 'SET' } : tx.query(text, values),
    };
    found = await verify({ ...owner, transaction: (work) => work(within) });
    throw undo;
  });
  await t.rejects(tampering, undo);
  return found;
}
const freezing = 'set transaction isolation level repeatable read, read only';
const nullable = (table: string, column: string, where = 'true') =>
  `alter table ${table} alter ${column} drop not null; update ${table} set ${column} = null where ${where}`;
const far = '1152921504606846976';

for (const { tables, changes } of [
  {
    tables: 'what is recorded of people',
    changes: {
      [nullable('persons', 'registered_at')]: 'TypeError',
      'alter table person_names rename to elsewhere': '42P01',
    },
  },
  {
    tables: 'client_links',
    changes: {
      'alter table client_links alter traced_at type text': 'TypeError',
      'alter table client_links drop column relationship': '42703',
    },
  },
  { tables: 'overrides', changes: { [nullable('overrides', 'expires_at')]: 'TypeError' } },
  {
    tables: 'person_facts',
    changes: {
      [nullable('person_facts', 'effective_from')]: 'TypeError',
      'alter table person_facts alter id drop identity; alter table person_facts alter id type text':
        '42883',
    },
  },
  { tables: 'the register or the agreements', changes: { 'drop table endpoints': '42P01' } },
  {
    tables: 'its entries, search rows, blocks or checkpoints',
    changes: {
      [nullable('ledger_events', 'at', 'index = 3')]: 'TypeError',
      [nullable('ledger_events', 'reasons', 'index = 3')]: 'TypeError',
      [`alter table ledger_leaves drop constraint ledger_leaves_whole; ${nullable('ledger_leaves', 'leaves')}`]:
        'TypeError',
      [`insert into ledger_leaves select log, ${far}, leaves from ledger_leaves limit 1`]:
        'RangeError',
      'drop table ledger_blocks': '42P01',
    },
  },
  { tables: 'ledger_head', changes: { [`update ledger_head set size = ${far}`]: 'RangeError' } },
  { tables: 'the tables of the ledger', changes: { 'drop table ledger_logs': '42P01' } },
]) {
  t.test(`rows that the gateway never writes are a finding: ${tables}`, async (t) => {
    for (const [change, sign] of Object.entries(changes)) {
      const found = await verifyAfter(change);
      t.same(
        found?.findings.map(({ finding }) => finding),
        [
          `in ${tables} is what the gateway never writes, or something is missing (${sign}): nothing further was verified`,
        ],
        change,
      );
      t.match(found, { isComplete: false, isStateCompared: false });
    }
    t.match(await verifyAfter('select 1'), untouched, 'and untouched they verify');
  });
}

t.test(
  'a head that was removed is a finding, and the entries are verified all the same',
  async (t) => {
    const found = await verifyAfter('delete from ledger_head');
    t.match(found?.findings, [{ finding: 'the head of the ledger is missing' }]);
    t.match(found, { isComplete: true, logs: [{ log: 1 }] });
  },
);

t.test('a time of the head that lies ahead keeps no edited row from being found', async (t) => {
  const found = await verifyAfter(`update ledger_head set at = at + interval '1 year';
    update person_names set name_key = 'MALORY' where is_current`);
  t.match(found?.findings, [
    { finding: "the head's time is not that of the last entry" },
    { finding: "the head's time is one that has not come yet" },
    { finding: 'the identity that it left is not what it was' },
  ]);
  t.equal(found?.findings.length, 3);
});

t.test('what was found before such rows is told with them', async (t) => {
  const found = await verifyAfter(`update ledger_events set outcome = 'failed' where index = 1;
    update ledger_head set size = ${far}`);
  t.match(found?.findings, [
    { index: 1, finding: /search outcome/ },
    { finding: /^in ledger_head/ },
  ]);
});
