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
  coalesce((select bool_or(rolsuper) from pg_roles where rolname in (current_user, session_user)), false) as superuser`);
  return rows;
}

export interface UnprotectedTable {
  name: string;
  /** This role, or one that it may become, who may change or remove rows; null where the table does not exist. */
  by: string | null;
  /** Whether that one owns the table or its schema, and could give itself every right, or put another in its place. */
  isOwner: boolean;
}

/**
 * Those of the tables that do not exist, or whose rows the role may change: by a right of its own, as their owner or
 * their schema's, by the server's files, or as a role that it or its session's login is a member of, whether it
 * inherits the rights or has to `set role`.
 */
export async function findUnprotectedTables(
  queryable: Queryable,
  tables: readonly string[],
): Promise<readonly UnprotectedTable[]> {
  const { rows } = await queryable.query<UnprotectedTable>(
    `
select name, who.role as by, coalesce(who.owner, false) as "isOwner"
from unnest($1::text[]) with ordinality as wanted (name, place)
left join pg_class as stored on stored.oid = to_regclass(name)
left join pg_namespace as place_of on place_of.oid = stored.relnamespace
left join lateral (
  select rolname::text as role, pg_roles.oid in (stored.relowner, place_of.nspowner) as owner
  from pg_roles
  where (pg_has_role(current_user, pg_roles.oid, 'MEMBER') or pg_has_role(session_user, pg_roles.oid, 'MEMBER')) and (
    pg_roles.oid in (stored.relowner, place_of.nspowner)
    or rolname in ('pg_execute_server_program', 'pg_write_server_files')
    or has_any_column_privilege(pg_roles.oid, stored.oid, 'UPDATE')
    or has_table_privilege(pg_roles.oid, stored.oid, 'UPDATE, DELETE, TRUNCATE'))
  order by rolname = current_user desc, rolname
  limit 1
) as who on true
where stored.oid is null or who.role is not null
order by place`,
    [tables],
  );
  return rows;
}
