/** A database that cannot be used: every command names the setting, says what is wrong, and never what is secret. */
import t from 'tap';
import { operatorAtWork } from '../support/operator-at-work.ts';

const { settings, owner, typed, file } = await operatorAtWork(t);
const { gatewayUrl } = settings.database;

/** The URL with another password, user, host, port or database. */
function changed(changes: Partial<Record<'password' | 'username' | 'pathname', string>>): string {
  return Object.assign(new URL(gatewayUrl), changes).href;
}

t.test('each fault is told by its setting, with what to do, and without the URL', async (t) => {
  const canary = 'canary';
  for (const [url, fault] of [
    [`postgres://jetway:${canary}@127.0.0.1:1/jetway`, /cannot be reached: .*ECONNREFUSED.*; see/],
    [`postgres://jetway:${canary}/@[`, /has no usable URL: .*; write postgres:/],
    [`postgres://jetway:${canary}@x@127.0.0.1:1/jetway`, /cannot be reached: .*ECONNREFUSED/],
    [`jetway:${canary}@127.0.0.1:5432/jetway`, /has no usable URL: it is no URL of PostgreSQL;/],
    [`postgres:/jetway:${canary}@127.0.0.1/jetway`, /has no usable URL/],
    [changed({ password: canary }), /refuses the login: .*; correct user and password/],
    [changed({ password: '' }), /cannot be reached: .*password.*; see/],
    [changed({ pathname: '/none' }), /is not there: database "none" does not exist; correct its/],
    [changed({ pathname: '/postgres' }), /has other tables .*: relation .*; run `jetway database/],
  ] as const) {
    const env = { ...settings.environment, JETWAY_DATABASE_URL_FILE: file('url', url) };
    const told = await typed(env, 'participant list');
    t.match(told, { code: 1, out: '' });
    t.match(told.err, /^the database of JETWAY_DATABASE_URL_FILE [^\n]*$/, 'one line');
    t.match(told.err, fault);
    t.notMatch(told.err, canary);
    t.notMatch(told.err, new URL(gatewayUrl).password);
  }
  await owner.query('revoke select on participants from jetway_gateway');
  const denied = await typed(settings.environment, 'participant list');
  await owner.query('grant select on participants to jetway_gateway');
  t.match(denied, { code: 1, err: /URL_FILE denies the login a right: permission denied/ });
});

t.test('so it is where the gateway starts and where tables are migrated', async (t) => {
  const nowhere = 'postgres://nobody@127.0.0.1:1/none';
  const { JETWAY_DATABASE_URL_FILE: _, ...rest } = settings.environment;
  const env = { ...rest, JETWAY_DATABASE_URL: nowhere };
  t.match(await typed(env, 'serve'), {
    ...{ code: 1, err: /^the database of JETWAY_DATABASE_URL cannot be reached: / },
  });
  const owners = { ...settings.environment, JETWAY_MIGRATE: 'true' };
  const ownerFault = /^the database of JETWAY_DATABASE_OWNER_URL cannot be reached: /;
  for (const words of ['serve', 'database migrate']) {
    const told = await typed({ ...owners, JETWAY_DATABASE_OWNER_URL: nowhere }, words);
    t.match(told, { code: 1, err: ownerFault }, words);
  }
  const asGateway = { JETWAY_DATABASE_OWNER_URL_FILE: file('gateway-url', gatewayUrl) };
  await owner.query("delete from migrations where name like '0008%'");
  const denied = await typed(asGateway, 'database migrate');
  t.match(denied, { code: 1, err: /OWNER_URL_FILE denies the login a right: / });
});
