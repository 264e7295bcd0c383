/** What a server and a role say of themselves, for the check before the start. */
import type { Queryable } from './queryable.ts';

export interface ServerState {
  /** For example 180004. */
  version: number;
  fsync: string;
  full_page_writes: string;
  synchronous_commit: string;
  in_recovery: boolean;
  role: string;
  superuser: boolean;
}

/** Of this session and its role. */
export async function findServerState(queryable: Queryable): Promise<readonly ServerState[]> {
  const { rows } = await queryable.query<ServerState>(`
select
  current_setting('server_version_num')::integer as version,
  current_setting('fsync') as fsync,
  current_setting('full_page_writes') as full_page_writes,
  current_setting('synchronous_commit') as synchronous_commit,
  pg_is_in_recovery() as in_recovery,
  current_user::text as role,
  coalesce((select rolsuper from pg_roles where rolname = current_user), false) as superuser`);
  return rows;
}

/** Those of the tables that the role may change or that do not exist. */
export async function findUnprotectedTables(
  queryable: Queryable,
  tables: readonly string[],
): Promise<readonly { name: string; missing: boolean }[]> {
  const { rows } = await queryable.query<{ name: string; missing: boolean }>(
    `
select name, to_regclass(name) is null as missing
from unnest($1::text[]) as name
where to_regclass(name) is null
  or has_any_column_privilege(current_user, to_regclass(name), 'UPDATE')
  or has_table_privilege(current_user, to_regclass(name), 'UPDATE, DELETE, TRUNCATE')`,
    [tables],
  );
  return rows;
}
