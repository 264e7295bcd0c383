/** What decisions rest on, held against the ledger: whoever owns the database cannot change that unseen either. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { retractRecord } from '../../../src/exchange/publish-record.ts';
import { evidenceConsent, withdrawConsent } from '../../../src/exchange/record-consent.ts';
import { recordOverride } from '../../../src/exchange/record-override.ts';
import { stateVerification } from '../../../src/exchange/verification/state-verification.ts';
import { CheckpointPublisher } from '../../../src/ledger/checkpoint-publisher.ts';
import { recoverLedger } from '../../../src/ledger/recover-ledger.ts';
import { verifyLedger } from '../../../src/ledger/verification/verify-ledger.ts';
import { agree, knownPerson, publish, register, state } from '../../support/borough.ts';
import { benefits, centre, council, ordinaryFacts } from '../../support/builders.ts';
import { somebody } from '../../support/nhs-numbers.ts';
import { contextOf, newKey, tamperedExchange, verifier } from '../../support/test-exchange.ts';

const exchange = await tamperedExchange(t);
const { database, owner, clock } = exchange;
const folder = mkdtempSync(join(tmpdir(), 'jetway-state-'));
t.teardown(() => rmSync(folder, { recursive: true }));
const witness = { signer: verifier, checkpointFile: join(folder, 'checkpoint') };

const newPublisher = () =>
  new CheckpointPublisher({ ...witness, database, clock, observe: () => undefined });
const withdraw = (id: string) =>
  withdrawConsent(exchange, {
    ...{ context: contextOf(council), id, reason: 'asked to' },
    idempotency: newKey(),
  });
const protect = (client: string) =>
  recordOverride(exchange, {
    context: contextOf(council),
    client,
    override: {
      ...{ type: 'statutory-duty', for: centre, recordType: 'social-care-summary' },
      ...{ expires: '2026-12-01T00:00:00.5Z', ref: 'Duty 42' },
    },
    idempotency: newKey(),
  });

// of one instant, so that what is told apart is not told apart by time
const one = somebody();
const { client, consentId } = await knownPerson(exchange, one);
await state(exchange, client, { capacity: 'lacks', from: '2026-11-01T00:00:00Z' });
await register(exchange, { ...one, nhsNumberStatus: '03' });
await register(exchange, { ...one, nhsNumberStatus: '03' }, benefits);
// contradicts what is held: queued, and nothing of it is stored
await Promise.allSettled([register(exchange, { ...one, birthDate: '1950-01-01' })]);
await withdraw(consentId);
await withdraw(consentId);
await protect(client);
await retractRecord(exchange, {
  ...{ context: contextOf(council), client, recordType: 'social-care-summary' },
  ...{ reason: 'another person', idempotency: newKey() },
});
await publish(exchange, client);
const another = await knownPerson(exchange, somebody());
const attested = await agree(
  exchange,
  another.traced,
  { evidence: { kind: 'attested-pending' } },
  centre,
);
clock.advance(1_000);
await evidenceConsent(exchange, {
  ...{ context: contextOf(council), id: String(attested.body['id']) },
  ...{ evidence: { kind: 'signed-form', reference: 'SF-9' }, idempotency: newKey() },
});
await newPublisher().tick();

const stateTables = ['person_facts', 'consents', 'overrides', 'record_versions', 'client_links'];
const ledgerTables = ['leaves', 'payloads', 'events', 'blocks', 'checkpoints', 'head', 'logs'];
const tables = [...stateTables, ...ledgerTables.map((name) => `ledger_${name}`)];
for (const table of [...tables, 'persons']) {
  await owner.query(`create table saved_${table} as table ${table}`);
}

async function restoreBackup() {
  for (const table of tables) {
    await owner.query(
      `delete from ${table}; insert into ${table} overriding system value select * from saved_${table}`,
    );
  }
  await owner.query(`update persons p set state_version = s.state_version, people_version = s.people_version
    from saved_persons s where s.id = p.id`);
}

const verify = (checkpointFile: string | undefined = witness.checkpointFile) =>
  verifyLedger(database, { verifier, checkpointFile, clock }, stateVerification);

async function outcome() {
  const { findings, isComplete, isStateCompared } = await verify();
  return { findings, isComplete, isStateCompared };
}
const whole = { findings: [], isComplete: true, isStateCompared: true };

/** Tampers as an owner of the database would who lets no trigger tell of it, verifies, and puts everything back. */
async function findingsAfter(change: string): Promise<readonly string[]> {
  const { rowCount } = await owner.query(`set local session_replication_role = replica; ${change}`);
  if (rowCount === 0) throw new Error(`nothing was tampered with: ${change}`);
  const { findings } = await verify();
  await restoreBackup();
  return findings.map(({ index, finding }) =>
    index === undefined ? finding : `entry: ${finding}`,
  );
}

t.test('rows that nobody touched are those that the entries wrote', async (t) => {
  t.same(await outcome(), whole);
  for (const table of stateTables) {
    const { rows } = await owner.query<{ n: number }>(`select count(*) as n from ${table}`);
    t.ok((rows[0]?.n ?? 0) > 0, `${table} has rows`);
  }
});

const missing = (kind: string) => [`entry: a ${kind} row that it wrote is missing`];
const changed = (kind: string) => [`entry: the ${kind} row that it wrote is not what it was`];
const stray = (kind: string) => [`${kind} rows that no entry wrote (1)`];
const newestOf = (table: string) => `(select max(version) from ${table})`;
const withdrawal = `consents where document ? 'withdrawnAt'`;
const lackOfCapacity = `where value = '"lacks"'`;

const changes: { title: string; change: string; found: readonly string[] }[] = [
  {
    title: 'a withdrawal deleted',
    change: `delete from ${withdrawal}`,
    found: missing('consent'),
  },
  {
    title: 'a withdrawal undone',
    change: `update consents set document = document - 'withdrawnAt' where document ? 'withdrawnAt'`,
    found: changed('consent'),
  },
  {
    title: 'a consent that nobody gave',
    change: `insert into consents select gen_random_uuid(), 1, person_id, document, recorded_by, recorded_at
      from saved_consents limit 1`,
    found: stray('consent'),
  },
  {
    title: 'a consent under another id',
    change: `update consents set id = gen_random_uuid() where document ? 'withdrawnAt'`,
    found: [...missing('consent'), ...stray('consent')],
  },
  ...[
    `person_id = (select id from persons where id <> person_id limit 1)`,
    `recorded_by = '${benefits}'`,
    `recorded_at = recorded_at - interval '1 day'`,
    `recorded_at = 'infinity'`,
  ].map((change) => ({
    title: `another column of a consent: ${change}`,
    change: `update consents set ${change} where document ? 'withdrawnAt'`,
    found: changed('consent'),
  })),
  {
    title: 'a fact edited',
    change: `update person_facts set value = '"has"' ${lackOfCapacity}`,
    found: changed('fact'),
  },
  {
    title: 'a fact dated otherwise',
    change: `update person_facts set effective_from = effective_from + interval '1 year' ${lackOfCapacity}`,
    found: changed('fact'),
  },
  {
    title: 'a fact with an instant that only PostgreSQL can hold',
    change: `update person_facts set effective_from = '294000-01-01T00:00:00Z' ${lackOfCapacity}`,
    found: changed('fact'),
  },
  {
    title: 'the number’s status as it was registered edited',
    change: `update person_facts set value = '"01"' where value = '"03"'`,
    found: changed('fact'),
  },
  {
    title: 'a fact deleted',
    change: `delete from person_facts ${lackOfCapacity}`,
    found: missing('fact'),
  },
  {
    title: 'a fact added',
    change: `insert into person_facts (person_id, name, value, effective_from, source, recorded_at)
      select person_id, name, '"has"', effective_from, source, recorded_at from person_facts ${lackOfCapacity}`,
    found: stray('fact'),
  },
  {
    title: 'two facts recorded in the other order',
    change: `update person_facts f set value = o.value, name = o.name from person_facts o
      where f.name <> o.name and f.recorded_at = o.recorded_at and f.person_id = o.person_id
        and f.name in ('pdsSecurity', 'nationalDataOptOut') and o.name in ('pdsSecurity', 'nationalDataOptOut')
        and f.person_id = (select person_id from person_facts ${lackOfCapacity})`,
    found: changed('fact'),
  },
  {
    title: 'an override edited',
    change: `update overrides set document = jsonb_set(document, '{ref}', '"Duty 43"')`,
    found: changed('override'),
  },
  {
    title: 'an override made to last',
    change: `update overrides set expires_at = 'infinity'`,
    found: changed('override'),
  },
  { title: 'an override deleted', change: 'delete from overrides', found: missing('override') },
  {
    title: 'an override that nobody recorded',
    change: `insert into overrides select gen_random_uuid(), person_id, organisation, record_type, document,
      expires_at, recorded_by, recorded_at from saved_overrides`,
    found: stray('override'),
  },
  ...[
    `sections = replace(sections, 'Home care', 'Care home')`,
    `outline = jsonb_set(outline, '{0,label}', '"V"')`,
    `as_at = '2026-11-21T09:30:00Z'`,
    `digest = 'sha-256=:BBBB:'`,
    `retraction_reason = 'never mind'`,
  ].map((change) => ({
    title: `a record with ${change}`,
    change: `update record_versions set ${change} where version = ${newestOf('record_versions')}`,
    found: changed('record'),
  })),
  {
    title: 'a retraction deleted',
    change: 'delete from record_versions where retraction_reason is not null',
    found: missing('record'),
  },
  {
    title: 'a version of a record that nobody published',
    change: `insert into record_versions select person_id, record_type, custodian, version + 7, schema, as_at, digest,
      sections, outline, published_at, retraction_reason from saved_record_versions where version = 3`,
    found: stray('record'),
  },
];

t.test('whoever owns the database cannot change what decisions rest on unseen', async (t) => {
  for (const { title, change, found } of changes) {
    const findings = await findingsAfter(change);
    t.same(findings, found, `finds ${title}, and nothing else`);
  }
  t.same((await verify()).findings, [], 'and all is as it was');
});

t.test('published checkpoints cannot vanish while one is kept outside the database', async (t) => {
  const found = await findingsAfter('delete from ledger_checkpoints');
  t.match(found, [
    /^the checkpoint of \d+ entries kept outside the database is missing inside: somebody removed/,
  ]);
  t.equal(found.length, 1);
});

t.test('every fault is told with the entry that wrote what is missing', async (t) => {
  await owner.query('delete from consents');
  const { findings, isComplete } = await verify();
  t.ok(findings.length > 2);
  t.equal(isComplete, true);
  t.ok(findings.every(({ log, index }) => log === 1 && index !== undefined));
  await restoreBackup();
});

t.test('compares nothing with a ledger that does not verify itself', async (t) => {
  await owner.query("delete from consents; update ledger_events set outcome = 'failed'");
  const { findings, isStateCompared } = await verify();
  t.ok(findings.every(({ finding }) => /search outcome/.test(finding)));
  t.equal(isStateCompared, false);
  await restoreBackup();
});

t.test('after a recovery the rows of the old log and the new one verify', async (t) => {
  const lost = String((await agree(exchange, another.client)).body['id']);
  await newPublisher().tick();
  await restoreBackup();
  t.match((await verify()).findings, [{ finding: /was signed, and they are not there/ }]);
  const recovery = await recoverLedger({ ...witness, database, clock, operator: 'an operator' });
  t.match(recovery, { recovered: true });
  t.same(await outcome(), whole);

  await t.rejects(withdraw(lost), { code: 'RESOURCE_NOT_FOUND' });
  await withdraw(another.consentId);
  await state(exchange, client, ordinaryFacts);
  await newPublisher().tick();
  t.same(await outcome(), whole);
  t.match((await verify()).logs, [{ log: 1 }, { log: 2 }]);
  await owner.query(
    `delete from ${withdrawal} and recorded_at = (select max(at) from ledger_head)`,
  );
  t.match((await verify()).findings, [{ finding: /consent row that it wrote is missing/ }]);
});
