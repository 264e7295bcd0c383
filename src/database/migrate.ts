/**
 * Brings a database to the schema of this release: plain SQL, forward only, all pending files in one
 * transaction. Any number of nodes may do it at once; they queue on an advisory lock.
 */
import { runner } from 'node-pg-migrate';
import { Client } from 'pg';
import { type MigrationFile, migrationsDir, readMigrationFiles } from './migration-files.ts';
import {
  createMigrationTables,
  findAppliedMigrations,
  lockMigrations,
  recordMigrationDigest,
} from './migration-store.ts';
import { queryClient } from './query-client.ts';
import type { Queryable } from './queryable.ts';

export interface MigrationState {
  /** In the folder, not yet in the database, in order. */
  pending: readonly MigrationFile[];
  /** Applied, and edited since, or applied without a trace of what they were. */
  altered: readonly string[];
}

/** Longer for a lock would keep everybody waiting behind it: a verification that is under way, for example. */
const lockLimit = '5s';
/** Any number, as long as it is always this one and not the one that node-pg-migrate takes itself. */
const lockId = 5_383_942_174_011;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Reads only; the gateway's own role may ask. Migrations newer than this release are not faults. */
export async function migrationState(
  queryable: Queryable,
  dir = migrationsDir,
): Promise<MigrationState> {
  const files = await readMigrationFiles(dir);
  const applied = new Map(
    (await findAppliedMigrations(queryable)).map(({ name, digest }) => [name, digest]),
  );
  return {
    pending: files.filter(({ name }) => !applied.has(name)),
    altered: files
      .filter(({ name, digest }) => applied.has(name) && applied.get(name) !== digest)
      .map(({ name }) => name),
  };
}

/**
 * Applies what is pending and returns the names. Throws when an applied file was edited, when the order is
 * broken, or when a statement fails; then nothing is changed. `ownerUrl` is a role that owns the schema.
 */
export async function migrate(ownerUrl: string, dir = migrationsDir): Promise<readonly string[]> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'jetway migrate' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const queryable: Queryable = {
      query: (statement, values) => queryClient(client, statement, values),
    };
    await lockMigrations(queryable, lockId);
    await createMigrationTables(queryable);
    const { pending, altered } = await migrationState(queryable, dir);
    if (altered.length > 0) {
      throw new Error(
        `applied migrations were edited: ${altered.join(', ')}; restore the files, add a new one`,
      );
    }
    await queryable.query(`set lock_timeout = '${lockLimit}'`);
    // Before the files themselves: a digest without its migration is harmless, the reverse looks like tampering.
    for (const { name, digest } of pending) await recordMigrationDigest(queryable, name, digest);
    const done = await runner({
      dbClient: client,
      dir,
      direction: 'up',
      migrationsTable: 'migrations',
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: quiet,
    });
    return done.map(({ name }) => name);
  } finally {
    // The session's end releases the lock.
    await client.end();
  }
}
