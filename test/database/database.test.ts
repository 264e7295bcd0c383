/** The pool, its failures, notifications, the check before the start, migrations. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { openDedicatedConnection } from '../../src/database/dedicated-connection.ts';
import { durabilityFaults } from '../../src/database/durability-check.ts';
import { type Listener, listen } from '../../src/database/listen.ts';
import { migrate, migrationState } from '../../src/database/migrate.ts';
import { contentFailure, postgresFailure } from '../../src/database/postgres-errors.ts';
import { testDatabase } from '../support/test-database.ts';

const { ownerUrl, gatewayUrl, postgres } = await testDatabase(t);

function open(t: Test, url = ownerUrl): Database {
  const database = openDatabase({ url });
  t.teardown(() => database.end());
  return database;
}

const setup = open(t);
await setup.query(`
create table counters (name text primary key constraint counters_name_short check (length(name) < 9), n bigint not null);
insert into counters values ('a', 0)`);

t.test('a transaction leaves all or nothing', async (t) => {
  const database = open(t);
  await database.transaction(async (queryable) => {
    await queryable.query("insert into counters values ('kept', 1)");
  });
  const failure = new Error('changed my mind');
  await t.rejects(
    database.transaction(async (queryable) => {
      await queryable.query("insert into counters values ('dropped', 1)");
      throw failure;
    }),
    failure,
  );
  t.match(
    (await database.query("select name from counters where name in ('kept', 'dropped')")).rows,
    [{ name: 'kept' }],
  );
});

t.test('a transaction that went wrong unnoticed is not reported as done', async (t) => {
  const database = open(t);
  await t.rejects(
    database.transaction(async (queryable) => {
      await queryable.query('select 1 / 0').catch(() => undefined);
    }),
    /rolled it back/,
  );
  t.match((await database.query('select 1 as n')).rows, [{ n: 1 }], 'the connection is still good');
});

t.test('values come back as what they are', async (t) => {
  const { rows } = await open(t).query(`
select 9007199254740991::bigint as big, array[1, null]::bigint[] as bigs, date '2026-03-01' as day,
  array[date '2026-03-01'] as days, timestamptz '2026-03-01 12:00:00.5+01' as at,
  timestamptz '-infinity' as before, '\\x00ff'::bytea as bytes, 1.10::numeric as amount, '{"a": 1}'::jsonb as json`);
  t.same(rows, [
    {
      big: Number.MAX_SAFE_INTEGER,
      bigs: [1, null],
      day: '2026-03-01',
      days: ['2026-03-01'],
      at: new Date('2026-03-01T11:00:00.500Z'),
      before: new Date(-8.64e15),
      bytes: Buffer.from([0, 255]),
      amount: '1.10',
      json: { a: 1 },
    },
  ]);
  await t.rejects(
    open(t).query('select 9007199254740992::bigint'),
    { name: 'RangeError' },
    'no silent rounding',
  );
});

t.test(
  'values are the same, whatever a login writes dates and bytes like by default',
  async (t) => {
    const role = new URL(gatewayUrl).username;
    t.teardown(() => setup.query(`alter role ${role} reset all`));
    const text = `select timestamptz '2026-03-01 12:00:00.5+01' as at, date '2026-03-02' as day,
    date '2026-03-02'::text as told, '\\x00ff'::bytea as bytes`;
    const read = {
      ...{ at: new Date('2026-03-01T11:00:00.500Z'), day: '2026-03-02', told: '2026-03-02' },
      bytes: Buffer.from([0, 255]),
    };
    for (const style of ['ISO, DMY', 'SQL, DMY', 'German', 'Postgres, MDY']) {
      await setup.query(`alter role ${role} set datestyle = '${style}';
      alter role ${role} set bytea_output = 'escape'`);
      t.same((await open(t, gatewayUrl).query(text)).rows, [read], style);
      const connection = openDedicatedConnection({
        url: gatewayUrl,
        applicationName: 'jetway test',
      });
      t.teardown(() => connection.end());
      t.same((await connection.exchange((tx) => tx.query(text))).value.rows, [read], style);
    }
  },
);

t.test('failures say what kind they are, and never which value', async (t) => {
  const database = open(t);
  const kind = (text: string, values?: unknown[]) =>
    database.query(text, values).then(() => undefined, postgresFailure);
  t.same(await kind("insert into counters values ('a', 1)"), {
    kind: 'constraint',
    constraint: 'counters_pkey',
    sqlState: '23505',
  });
  t.match(await kind("insert into counters values ('too long a name', 1)"), {
    constraint: 'counters_name_short',
  });
  t.same(await kind("insert into counters values ('null', null)"), {
    kind: 'data',
    sqlState: '23502',
  });
  t.same(await kind('select $1::uuid', ['canary']), { kind: 'data', sqlState: '22P02' });
  t.same(await kind('select from nowhere'), { kind: 'other', sqlState: '42P01' });
  const nowhere = open(t, 'postgres://a:b@%2Fnowhere:1/x');
  t.same(await nowhere.query('select 1').catch(postgresFailure), {
    kind: 'unavailable',
    sqlState: undefined,
  });
  t.same(postgresFailure('not an error'), { kind: 'other', sqlState: undefined });
});

t.test('what a database holds or lacks is told from what keeps it from being asked', async (t) => {
  const [database, asGateway] = [open(t), open(t, gatewayUrl)];
  const failure = (of: Database, text: string) => of.query(text).then(() => 'none', contentFailure);
  for (const [text, sqlState] of [
    ['select name::int from counters', '22P02'],
    ['select n / (n - n) from counters', '22012'],
    ['select from nowhere', '42P01'],
    ['select nothing from counters', '42703'],
    ['select name + n from counters', '42883'],
    ["do $$ begin raise exception 'a view of somebody else'; end $$", 'P0001'],
  ] as const) {
    t.equal(await failure(database, text), sqlState, text);
  }
  t.equal(await failure(asGateway, 'select from counters'), undefined, 'a privilege');
  t.equal(await failure(open(t, 'postgres://a:b@%2Fnowhere:1/x'), 'select 1'), undefined);
  t.equal(contentFailure(new Error('a bug')), undefined);
});

t.test('notifications arrive, and again after the connection was lost', async (t) => {
  const database = open(t);
  const heard = Promise.withResolvers<string>();
  const again = Promise.withResolvers<void>();
  const standing = Promise.withResolvers<void>();
  let times = 0;
  const listener: Listener = listen({
    url: gatewayUrl,
    channel: 'register',
    onNotification: heard.resolve,
    onListening: () => {
      times += 1;
      if (times === 1) standing.resolve();
      else again.resolve();
    },
  });
  t.teardown(() => listener.end());
  await standing.promise;
  await database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'jetway listen register'",
  );
  await again.promise;
  await database.query("select pg_notify('register', '7')");
  t.equal(await heard.promise, '7');
});

t.test('the start-up check knows what loses or rewrites a ledger', async (t) => {
  const ledger = ['ledger_leaves', 'ledger_payloads', 'ledger_events', 'ledger_checkpoints'];
  t.same(await durabilityFaults(open(t, gatewayUrl), ledger), []);
  t.match(await durabilityFaults(open(t), ledger), [/superuser/]);
  const gateway = openDatabase({ url: gatewayUrl, max: 1 });
  t.teardown(() => gateway.end());
  await gateway.query('set synchronous_commit = off');
  t.match(await durabilityFaults(gateway, [...ledger, 'ledger_lost']), [
    /synchronous_commit/,
    /ledger_lost does not exist/,
  ]);
  await setup.query(
    'grant delete on ledger_leaves to jetway_app; grant update (note) on ledger_checkpoints to jetway_gateway',
  );
  t.match(await durabilityFaults(open(t, gatewayUrl), ledger), [
    /ledger_leaves/,
    /ledger_checkpoints/,
  ]);
  await setup.query(
    'revoke delete on ledger_leaves from jetway_app; revoke update (note) on ledger_checkpoints from jetway_gateway',
  );
  t.same(await durabilityFaults(open(t, gatewayUrl), ledger), [], 'once they are revoked');
  const careless = await testDatabase(t, { settings: { fsync: 'off', full_page_writes: 'off' } });
  t.match(await durabilityFaults(open(t, careless.gatewayUrl), ledger), [
    /fsync/,
    /full_page_writes/,
  ]);
});

t.test('a login that owns the ledger, or may become whoever does, is refused', async (t) => {
  const ledger = ['ledger_leaves', 'ledger_payloads'];
  const faults = () => durabilityFaults(open(t, gatewayUrl), ledger);
  await setup.query('alter table ledger_leaves owner to jetway_app');
  await setup.query('revoke update, delete, truncate on ledger_leaves from jetway_app');
  const owns =
    'jetway_app owns ledger_leaves or its schema: connect as a member of jetway_gateway that owns';
  t.match(await faults(), [owns], 'although it has revoked its rights for now');

  await setup.query(`create role ledger_owner; alter table ledger_leaves owner to ledger_owner;
    grant ledger_owner to jetway_app with inherit false`);
  const becomes =
    'jetway_app may become ledger_owner, which owns ledger_leaves or its schema: take that role away';
  t.match(await faults(), [becomes], 'although it inherits nothing');
  await setup.query(`revoke ledger_owner from jetway_app;
    grant delete on ledger_payloads to ledger_owner; alter table ledger_leaves owner to current_user`);
  t.same(await faults(), [], 'whoever else may');

  await setup.query('alter schema public owner to jetway_app');
  t.match(await faults(), [owns, /ledger_payloads/], 'who owns the schema may drop what is in it');
  await setup.query(
    'alter schema public owner to pg_database_owner; grant pg_execute_server_program to jetway_app',
  );
  t.match(await faults(), [/may become pg_execute_server_program/, /ledger_payloads/]);
  await setup.query('revoke pg_execute_server_program from jetway_app');
  const preset = openDatabase({ url: `${ownerUrl}?options=-c%20role%3Djetway_gateway`, max: 1 });
  t.teardown(() => preset.end());
  t.match(
    await durabilityFaults(preset, ledger),
    [/superuser/],
    'whatever role its session begins in',
  );
});

t.test('migrations', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'jetway-migrations-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  const { ownerUrl: url, gatewayUrl: plain } = await postgres.createDatabase('migrated');
  write('0001_first.sql', 'create table first (n integer);');
  write(
    '0002_second.sql',
    "-- a comment\ncreate function two() returns text language sql as $$ select '; it -- is' $$;",
  );

  t.test('are applied once, whoever is first', async (t) => {
    t.match(await migrationState(open(t, plain), dir), {
      pending: [{ name: '0001_first' }, { name: '0002_second' }],
      altered: [],
    });
    const done = await Promise.all([migrate(url, dir), migrate(url, dir), migrate(url, dir)]);
    t.same(done.flat(), ['0001_first', '0002_second']);
    t.same(
      await migrationState(open(t, plain), dir),
      { pending: [], altered: [] },
      'as the gateway may see',
    );
  });

  t.test('that fail leave nothing, and may be mended', async (t) => {
    write('0003_third.sql', 'create table third (n integer); select 1 / 0;');
    await t.rejects(migrate(url, dir), { code: '22012' });
    t.match((await open(t, url).query("select to_regclass('third') is null as gone")).rows, [
      { gone: true },
    ]);
    write('0003_third.sql', 'create table third (n integer);');
    t.same(await migrate(url, dir), ['0003_third']);
  });

  t.test('that were edited after they were applied are refused', async (t) => {
    write('0001_first.sql', 'create table first (n bigint);');
    t.match(await migrationState(open(t, plain), dir), { altered: ['0001_first'] });
    await t.rejects(migrate(url, dir), /0001_first/);
  });

  t.test('that are misnamed are not passed over', async (t) => {
    write('4_fourth.sql', 'select 1');
    await t.rejects(migrationState(open(t, plain), dir), /4_fourth\.sql/);
  });
});
