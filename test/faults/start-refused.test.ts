/** A gateway does not start on what could lose or rewrite its ledger, and says all of why. */
import { chmodSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { loadConfig } from '../../src/config/load-config.ts';
import { openDatabase } from '../../src/database/database.ts';
import { startGateway } from '../../src/gateway.ts';
import { testSettings } from '../support/test-gateway.ts';

const { environment, database } = await testSettings(t);
const silent = { logStream: { write: () => true } };
const start = () => startGateway(loadConfig(environment), silent);

async function asOwner(statement: string): Promise<void> {
  const owner = openDatabase({ url: database.ownerUrl, max: 1 });
  await owner.query(statement);
  await owner.end();
}

t.test('refuses a server that could lose what it acknowledged', async (t) => {
  await asOwner('alter system set fsync = off');
  await asOwner('select pg_reload_conf()');
  await t.rejects(start(), { name: 'UnfitDatabaseError', faults: [/fsync is off/] });
  await asOwner('alter system reset fsync');
  await asOwner('select pg_reload_conf()');
});

t.test('refuses a session that commits before it is safe', async (t) => {
  await asOwner('alter role jetway_app set synchronous_commit = off');
  await t.rejects(start(), { name: 'UnfitDatabaseError', faults: [/synchronous_commit is off/] });
  await asOwner('alter role jetway_app reset synchronous_commit');
});

t.test('refuses a role that could rewrite the ledger', async (t) => {
  await asOwner('grant update on ledger_leaves to jetway_app');
  await t.rejects(start(), { name: 'UnfitDatabaseError', faults: [/ledger_leaves/] });
  await asOwner('revoke update on ledger_leaves from jetway_app');
});

t.test('refuses a schema that is behind, unless told to migrate', async (t) => {
  await asOwner(`
create table kept as select * from migrations;
delete from migrations where name like '0003%'`);
  await t.rejects(start(), { name: 'UnfitDatabaseError', faults: [/0003.*pending/] });
  await asOwner('insert into migrations select * from kept where name like $$0003%$$');
});

t.test('refuses settings of another log, in words that are not those of a loss', async (t) => {
  const gateway = await start();
  await gateway.stop();
  const elsewhere = { ...environment, JETWAY_LEDGER_ORIGIN: 'elsewhere.example/audit' };
  await t.rejects(startGateway(loadConfig(elsewhere), silent), {
    name: 'AnotherLogError',
    message: /names the log elsewhere.*the database holds the log gateway\.example\/audit/,
  });
  const again = await start();
  await again.stop();
});

t.test('refuses a key that others can read, and a secret that is not there', async (t) => {
  const key = String(environment['JETWAY_LEDGER_KEY_FILE']);
  chmodSync(key, 0o644);
  t.throws(() => loadConfig(environment), { name: 'ConfigurationError' });
  chmodSync(key, 0o600);
  const { JETWAY_MAC_KEY_FILE: missing, ...rest } = environment;
  t.ok(missing);
  t.throws(() => loadConfig(rest), { name: 'ConfigurationError' });
  writeFileSync(String(missing), 'short');
  t.throws(() => loadConfig(environment), { name: 'ConfigurationError' });
});
