/**
 * Which migrations a database has had, and the digest each had then. node-pg-migrate keeps the names in
 * `migrations`; an applied file that was edited afterwards it does not notice, so `migration_digests` does.
 */
import type { Queryable } from './queryable.ts';

export interface AppliedMigration {
  name: string;
  /** Undefined for one applied by something that records none. */
  digest: string | undefined;
}

export async function createMigrationTables(queryable: Queryable): Promise<void> {
  await queryable.query(`
create table if not exists migrations (
  id serial primary key,
  name varchar(255) not null,
  run_on timestamp not null
);
create table if not exists migration_digests (
  name text primary key,
  digest text not null constraint migration_digests_sha256 check (digest ~ '^[0-9a-f]{64}$')
);
grant select on migrations, migration_digests to public`);
}

export async function findAppliedMigrations(
  queryable: Queryable,
): Promise<readonly AppliedMigration[]> {
  const tables = await queryable.query<{ present: boolean }>(`
select to_regclass('migrations') is not null and to_regclass('migration_digests') is not null as present`);
  if (!tables.rows.some((row) => row.present)) return [];
  const { rows } = await queryable.query<{ name: string; digest: string | null }>(`
select migrations.name, migration_digests.digest
from migrations
left join migration_digests on migration_digests.name = migrations.name
order by migrations.id`);
  return rows.map(({ name, digest }) => ({ name, digest: digest ?? undefined }));
}

/** For migrations that are about to be applied: what an earlier, failed attempt recorded is replaced. */
export async function recordMigrationDigest(
  queryable: Queryable,
  name: string,
  digest: string,
): Promise<void> {
  await queryable.query(
    `
insert into migration_digests (name, digest)
values ($1::text, $2::text)
on conflict (name) do update set digest = excluded.digest`,
    [name, digest],
  );
}

/** Waits for whoever migrates now. Held until the session ends. */
export async function lockMigrations(queryable: Queryable, lockId: number): Promise<void> {
  await queryable.query('select pg_advisory_lock($1::bigint)', [lockId]);
}
