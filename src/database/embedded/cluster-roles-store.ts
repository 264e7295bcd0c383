/** Roles and databases of an embedded cluster. In production an administrator makes them. */
import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Queryable } from '../queryable.ts';

export const gatewayRole = 'jetway_app';

/** A plain login whose rights are those that migrations grant to the group `jetway_gateway`. */
export async function createGatewayRole(queryable: Queryable, password: string): Promise<void> {
  await queryable.query(`
do $$
begin
  if not exists (select from pg_roles where rolname = 'jetway_gateway') then
    create role jetway_gateway nologin;
  end if;
  if not exists (select from pg_roles where rolname = '${gatewayRole}') then
    create role ${gatewayRole} login in role jetway_gateway;
  end if;
end $$;
alter role ${gatewayRole} password ${escapeLiteral(password)}`);
}

export async function hasDatabase(queryable: Queryable, name: string): Promise<boolean> {
  const { rowCount } = await queryable.query('select from pg_database where datname = $1::text', [
    name,
  ]);
  return rowCount > 0;
}

/** Fails while anybody is connected to the template. */
export async function createDatabase(
  queryable: Queryable,
  name: string,
  template: string,
): Promise<void> {
  await queryable.query(
    `create database ${escapeIdentifier(name)} template ${escapeIdentifier(template)}`,
  );
}
