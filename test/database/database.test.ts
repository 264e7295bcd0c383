import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Database, openDatabase } from '../../src/database/database.ts';
import {
  type DedicatedConnection,
  openDedicatedConnection,
} from '../../src/database/dedicated-connection.ts';
import { durabilityFaults } from '../../src/database/durability-check.ts';
import { type Listener, listen } from '../../src/database/listen.ts';
import { migrate, migrationState } from '../../src/database/migrate.ts';
import { postgresFailure } from '../../src/database/postgres-errors.ts';
import { testDatabase } from '../support/test-database.ts';

const { ownerUrl, gatewayUrl, postgres } = await testDatabase(t);

function open(t: Test, url = ownerUrl): Database {
  const database = openDatabase({ url });
  t.teardown(() => database.end());
  return database;
}

function dedicated(
  t: Test,
  options: { serverTimeoutMs?: number; deadlineMs?: number } = {},
): DedicatedConnection {
  const connection = openDedicatedConnection({
    url: ownerUrl,
    applicationName: 'jetway test',
    ...options,
  });
  t.teardown(() => connection.end());
  return connection;
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

t.test(
  'an exchange sends its statements together, and a read after a lock sees what the lock waited for',
  async (t) => {
    const connection = dedicated(t);
    const database = open(t);
    let reading: ReturnType<typeof readUnderLock> | undefined;
    const readUnderLock = () =>
      connection.exchange((queryable) =>
        Promise.all([
          queryable.query('begin'),
          queryable.query({
            name: 'lock',
            text: "select n from counters where name = 'a' for update",
          }),
          queryable.query<{ n: number }>(
            { name: 'read', text: 'select n from counters where name = $1::text' },
            ['a'],
          ),
        ]),
      );
    await database.transaction(async (queryable) => {
      await queryable.query("update counters set n = n + 1 where name = 'a'");
      reading = readUnderLock();
      let waiting = 0;
      while (waiting === 0) {
        waiting = (
          await setup.query(
            "select from pg_stat_activity where application_name = 'jetway test' and wait_event_type = 'Lock'",
          )
        ).rowCount;
      }
    });
    const read = await reading;
    t.same(read?.value[2].rows, [{ n: 1 }]);
    const written = await connection.exchange((queryable) =>
      Promise.all([
        queryable.query("update counters set n = 5 where name = 'a'"),
        queryable.query('commit'),
      ]),
    );
    t.equal(written.value[1].commandTag, 'COMMIT');
    t.same(written.notices, []);
    t.match((await database.query("select n from counters where name = 'a'")).rows, [{ n: 5 }]);
  },
);

t.test('several statements may share one round trip', async (t) => {
  const connection = dedicated(t);
  const { value } = await connection.exchange((queryable) =>
    queryable.query<{ n: number }>("begin; select n from counters where name = 'a' for update"),
  );
  t.equal(value.rowCount, 1);
  await connection.exchange((queryable) => queryable.query('commit'));
});

t.test(
  'one failed statement fails the exchange, leaves no transaction open and nothing written',
  async (t) => {
    const connection = dedicated(t);
    const error = await connection
      .exchange((queryable) =>
        Promise.all([
          queryable.query('begin'),
          queryable.query("insert into counters values ('lost', 1)"),
          queryable.query("insert into counters values ('a', 1)"),
          queryable.query('commit'),
        ]),
      )
      .catch(postgresFailure);
    t.match(error, { kind: 'constraint' });
    const { value } = await connection.exchange((queryable) =>
      queryable.query("select from counters where name = 'lost'"),
    );
    t.equal(value.rowCount, 0);
    await t.rejects(
      connection.exchange(async (queryable) => {
        await queryable.query('begin');
        throw new Error('the decision threw');
      }),
      /the decision threw/,
    );
    const state = await connection.exchange((queryable) =>
      queryable.query(
        'select pg_current_xact_id_if_assigned() as id, now() = statement_timestamp() as alone',
      ),
    );
    t.match(state.value.rows, [{ alone: true }], 'the transaction was rolled back');
  },
);

t.test(
  'a commit of an aborted transaction, and a remark on a commit, are told apart from a commit',
  async (t) => {
    const connection = dedicated(t);
    const aborted = await connection.exchange(async (queryable) => {
      const begun = queryable.query('begin');
      const failed = queryable.query('select 1 / 0').catch(() => undefined);
      const committed = queryable.query('commit');
      await Promise.all([begun, failed]);
      return committed;
    });
    t.equal(aborted.value.commandTag, 'ROLLBACK', 'a failure that the work swallowed shows here');
    const undone = await connection.exchange(async (queryable) => {
      await queryable.query('begin');
      await queryable.query('savepoint writer');
      await queryable.query('select 1 / 0').catch(() => undefined);
      await queryable.query('rollback to savepoint writer');
      return queryable.query('commit');
    });
    t.equal(undone.value.commandTag, 'COMMIT', 'one that it undid to a savepoint does not');
    const remarked = await connection.exchange((queryable) => queryable.query('commit'));
    t.same(remarked.notices, ['WARNING 25P01']);
  },
);

t.test('waiting for a lock ends with its own kind, and the connection lives on', async (t) => {
  const connection = dedicated(t, { serverTimeoutMs: 50 });
  const database = open(t);
  await database.transaction(async (queryable) => {
    await queryable.query("select from counters where name = 'a' for update");
    const failure = await connection
      .exchange((other) => other.query("select from counters where name = 'a' for update"))
      .catch(postgresFailure);
    t.match(failure, { kind: 'lock-timeout' });
  });
  t.equal((await connection.exchange((other) => other.query('select 1'))).value.rowCount, 1);
});

t.test(
  'a server that does not answer is dropped at the deadline, and the next exchange connects anew',
  async (t) => {
    const connection = dedicated(t, { serverTimeoutMs: 0, deadlineMs: 200 });
    const pid = () =>
      connection.exchange((queryable) =>
        queryable.query<{ pid: number }>('select pg_backend_pid() as pid'),
      );
    const before = (await pid()).value.rows;
    const failure = await connection
      .exchange((queryable) => queryable.query('select pg_sleep(60)'))
      .catch(postgresFailure);
    t.same(failure, { kind: 'unavailable', sqlState: undefined });
    t.notSame((await pid()).value.rows, before);
    const stuck = await connection
      .exchange(() => new Promise(() => undefined))
      .catch(postgresFailure);
    t.match(stuck, { kind: 'unavailable' }, 'work that never ends is given up as well');
    t.ok(await pid());
    await setup.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'select pg_sleep(60)'",
    );
  },
);

t.test(
  'a connection that is cut is replaced; one that is refused by its check is never used',
  async (t) => {
    const connection = dedicated(t);
    await connection.exchange((queryable) => queryable.query('select 1'));
    const cut = await connection
      .exchange((queryable) => queryable.query('select pg_terminate_backend(pg_backend_pid())'))
      .catch(postgresFailure);
    t.match(cut, { kind: 'unavailable' });
    t.ok(await connection.exchange((queryable) => queryable.query('select 1')));
    const checked = openDedicatedConnection({
      url: ownerUrl,
      applicationName: 'jetway checked',
      onConnect: async () => {
        throw new Error('not durable');
      },
    });
    await t.rejects(
      checked.exchange((queryable) => queryable.query('select 1')),
      /not durable/,
    );
    await checked.end();
    await t.rejects(
      checked.exchange((queryable) => queryable.query('select 1')),
      /ended/,
    );
  },
);

t.test('one exchange at a time', async (t) => {
  const connection = dedicated(t);
  const first = connection.exchange((queryable) => queryable.query('select 1'));
  await t.rejects(
    connection.exchange((queryable) => queryable.query('select 2')),
    /under way/,
  );
  t.ok(await first);
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
  const careless = await testDatabase(t, { settings: { fsync: 'off', full_page_writes: 'off' } });
  t.match(await durabilityFaults(open(t, careless.gatewayUrl), ledger), [
    /fsync/,
    /full_page_writes/,
  ]);
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
