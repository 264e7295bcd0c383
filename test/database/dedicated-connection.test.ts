/** The ledger’s own connection: statements that travel together, deadlines, doubt. */
import t, { type Test } from 'tap';
import { type Database, openDatabase } from '../../src/database/database.ts';
import {
  type DedicatedConnection,
  openDedicatedConnection,
} from '../../src/database/dedicated-connection.ts';
import { postgresFailure } from '../../src/database/postgres-errors.ts';
import { testDatabase } from '../support/test-database.ts';

const { ownerUrl } = await testDatabase(t);

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
