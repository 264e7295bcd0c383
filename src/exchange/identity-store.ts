/** People's identities in every column: what registrations left and traces found. */
import type { Queryable } from '../database/queryable.ts';
import type { IdentityRow } from './state-digest.ts';

export interface StoredIdentity extends IdentityRow {
  stateVersion: number;
}

/** By id. `C` orders as bytes do, whatever the database's locale is. */
export async function findIdentityRows(
  queryable: Queryable,
  personIds: readonly string[],
): Promise<readonly StoredIdentity[]> {
  const { rows } = await queryable.query<StoredIdentity>(
    `
select p.id as "personId", p.state_version as "stateVersion", p.birth_date::text as "birthDate", p.registered_by as "registeredBy",
  p.registered_at as "registeredAt",
  (select coalesce(jsonb_agg(jsonb_build_object('key', n.name_key, 'isCurrent', n.is_current)
     order by n.name_key collate "C"), '[]')
   from person_names n where n.person_id = p.id) as names,
  (select coalesce(jsonb_agg(jsonb_build_object('system', i.system, 'value', i.value)
     order by i.system collate "C", i.value collate "C"), '[]')
   from person_identifiers i where i.person_id = p.id) as identifiers
from persons p where p.id = any($1::uuid[])`,
    [personIds],
  );
  return rows;
}
