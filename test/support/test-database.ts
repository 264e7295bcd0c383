/**
 * A real PostgreSQL for one test file. A migrated cluster is made once per state of `migrations/` and kept below
 * var/; each file gets a copy of its own, so nothing is shared between processes that run at once, and
 * nothing is left behind: a killed test's server stops by itself and its folder is swept by the next.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareClusterPlaces, removeCluster } from '../../src/database/embedded/cluster-places.ts';
import { isAlive } from '../../src/database/embedded/process-identity.ts';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/database/embedded-postgres.ts';
import { migrate } from '../../src/database/migrate.ts';
import { migrationsDir, readMigrationFiles } from '../../src/database/migration-files.ts';

export interface TestDatabase {
  /** As the superuser. */
  ownerUrl: string;
  /** As the plain role that the gateway uses. */
  gatewayUrl: string;
  postgres: EmbeddedPostgres;
  /** After a kill: the same data at the same URLs. */
  restart(): Promise<void>;
}

interface TestDatabaseOptions {
  /** Further server settings, for example `{ fsync: 'off' }`. */
  settings?: Readonly<Record<string, string>>;
}

/** What owns the database: a tap test, usually the file's root one. */
interface Owner {
  teardown(undo: () => unknown): unknown;
}

const folder = fileURLToPath(new URL('../../var/test-postgres', import.meta.url));
const frugal = { shared_buffers: '16MB', max_connections: '50' };
let count = 0;

/** `var/test-postgres/run-<process>-<number>`: the name says whose it is. */
function newRunDir(): string {
  count += 1;
  return join(folder, `run-${process.pid}-${count}`);
}

function sweep(): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const pid = Number(/^(?:run|partial)-(\d+)/.exec(name)?.[1] ?? process.pid);
    if (pid !== process.pid && !isAlive(pid)) removeCluster(join(folder, name));
  }
}

/** With owners and modes kept, which `fs.cp` does not do. */
function copyCluster(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`cp failed: ${stderr}`);
}

/** Two processes may make it at once; the second's is thrown away. */
async function template(): Promise<string> {
  const state = JSON.stringify([await readMigrationFiles(migrationsDir), process.geteuid?.()]);
  const name = `template-${createHash('sha256').update(state).digest('hex').slice(0, 16)}`;
  const path = join(folder, name);
  if (existsSync(path)) return path;
  const dataDir = newRunDir();
  const postgres = await startEmbeddedPostgres({ dataDir, settings: { ...frugal, fsync: 'off' } });
  try {
    await migrate(postgres.ownerUrl);
  } finally {
    await postgres.stop();
  }
  const partial = join(folder, `partial-${process.pid}`);
  mkdirSync(partial, { recursive: true, mode: 0o700 });
  copyCluster(prepareClusterPlaces(dataDir).pgdata, join(partial, 'pgdata'));
  cpSync(join(dataDir, 'credentials.json'), join(partial, 'credentials.json'));
  removeCluster(dataDir);
  for (const old of readdirSync(folder).filter(
    (entry) => entry.startsWith('template-') && entry !== name,
  )) {
    rmSync(join(folder, old), { recursive: true, force: true });
  }
  try {
    renameSync(partial, path);
  } catch {
    rmSync(partial, { recursive: true, force: true });
  }
  return path;
}

/** A migrated, empty database on a server of its own; stopped and removed when `t` ends. */
export async function testDatabase(
  t: Owner,
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  sweep();
  const source = await template();
  const dataDir = newRunDir();
  const places = prepareClusterPlaces(dataDir);
  copyCluster(join(source, 'pgdata'), places.pgdata);
  cpSync(join(source, 'credentials.json'), join(dataDir, 'credentials.json'));
  const start = () =>
    startEmbeddedPostgres({ dataDir, settings: { ...frugal, ...options.settings } });
  let postgres = await start();
  t.teardown(async () => {
    // No checkpoint is needed of what is removed next.
    await postgres.kill('SIGQUIT');
    removeCluster(dataDir);
  });
  return {
    ownerUrl: postgres.ownerUrl,
    gatewayUrl: postgres.gatewayUrl,
    get postgres() {
      return postgres;
    },
    async restart() {
      postgres = await start();
    },
  };
}
