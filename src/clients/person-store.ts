/** People as the register of clients holds them: identifiers, birth date, comparison keys of names. */
import type { Queryable } from '../database/queryable.ts';

export interface Identifier {
  /** URI of the identity scheme. */
  system: string;
  /** Normalised by the scheme. */
  value: string;
}

export interface Person {
  id: string;
  /** ISO 8601 full date. */
  birthDate: string;
  nameKeys: readonly string[];
  identifiers: readonly Identifier[];
}

interface PersonRow {
  id: string;
  birth_date: string;
  name_keys: readonly string[];
  identifiers: readonly Identifier[];
}

/** Everybody who holds one of the identifiers: more than one person is a conflict. */
export async function findPersonsByIdentifiers(
  queryable: Queryable,
  identifiers: readonly Identifier[],
): Promise<readonly Person[]> {
  const { rows } = await queryable.query<PersonRow>(
    `
select p.id, p.birth_date::text as birth_date,
       (select array_agg(n.name_key) from person_names n where n.person_id = p.id) as name_keys,
       (select jsonb_agg(jsonb_build_object('system', i.system, 'value', i.value))
        from person_identifiers i where i.person_id = p.id) as identifiers
from persons p
where p.id in (
  select i.person_id from person_identifiers i
  join unnest($1::text[], $2::text[]) as wanted (system, value) using (system, value)
)`,
    [identifiers.map((i) => i.system), identifiers.map((i) => i.value)],
  );
  return rows.map((row) => ({
    id: row.id,
    birthDate: row.birth_date,
    nameKeys: row.name_keys,
    identifiers: row.identifiers,
  }));
}

const findChanged = {
  name: 'persons-changed',
  text: 'select id from persons where people_version > $1::bigint order by people_version limit $2::int',
};

/** Whose state or links have changed since that people version, the longest ago first. */
export async function findChangedPersons(
  queryable: Queryable,
  since: number,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ id: string }>(findChanged, [since, limit]);
  return rows.map(({ id }) => id);
}

/** What a document that names its person can be held against. */
export type HeldIdentity = Pick<Person, 'birthDate' | 'identifiers'>;

/** Requires a person that is held. */
export async function getIdentity(queryable: Queryable, personId: string): Promise<HeldIdentity> {
  const {
    rows: [row],
  } = await queryable.query<Pick<PersonRow, 'birth_date' | 'identifiers'>>(
    {
      name: 'identity-of-person',
      text: `
select p.birth_date::text as birth_date,
       (select coalesce(jsonb_agg(jsonb_build_object('system', i.system, 'value', i.value)), '[]')
        from person_identifiers i where i.person_id = p.id) as identifiers
from persons p where p.id = $1::uuid`,
    },
    [personId],
  );
  if (!row) throw new Error('a link leads to no person');
  return { birthDate: row.birth_date, identifiers: row.identifiers };
}

/** Birth dates, which a person's age is counted from. */
export async function findBirthDates(
  queryable: Queryable,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await queryable.query<{ id: string; birth_date: string }>(
    `select id, birth_date::text as birth_date from persons where id = any($1::uuid[])`,
    [personIds],
  );
  return new Map(rows.map((row) => [row.id, row.birth_date]));
}

/** Requires a person that is held. */
export async function getStateVersion(queryable: Queryable, personId: string): Promise<number> {
  const {
    rows: [row],
  } = await queryable.query<{ version: number }>(
    {
      name: 'state-of-person',
      text: 'select state_version as version from persons where id = $1::uuid',
    },
    [personId],
  );
  if (!row) throw new Error('the person is not held');
  return row.version;
}

export interface NewPerson {
  id: string;
  birthDate: string;
  nameKey: string;
  previousNameKeys: readonly string[];
  identifiers: readonly Identifier[];
  registeredBy: string;
  at: Date;
}

export async function insertPerson(queryable: Queryable, person: NewPerson): Promise<void> {
  await queryable.query(
    `
insert into persons (id, birth_date, registered_by, registered_at)
values ($1::uuid, $2::date, $3::text, $4::timestamptz)`,
    [person.id, person.birthDate, person.registeredBy, person.at],
  );
  await insertNames(queryable, person.id, [person.nameKey], true);
  await insertNames(queryable, person.id, person.previousNameKeys, false);
  await insertIdentifiers(queryable, person.id, person.identifiers);
}

export async function insertNames(
  queryable: Queryable,
  personId: string,
  nameKeys: readonly string[],
  isCurrent: boolean,
): Promise<void> {
  await queryable.query(
    `
insert into person_names (person_id, name_key, is_current)
select $1::uuid, name_key, $3::boolean from unnest($2::text[]) as n (name_key)
on conflict (person_id, name_key) do nothing`,
    [personId, nameKeys, isCurrent],
  );
}

export async function insertIdentifiers(
  queryable: Queryable,
  personId: string,
  identifiers: readonly Identifier[],
): Promise<void> {
  await queryable.query(
    `
insert into person_identifiers (system, value, person_id)
select system, value, $3::uuid from unnest($1::text[], $2::text[]) as i (system, value)`,
    [identifiers.map((i) => i.system), identifiers.map((i) => i.value), personId],
  );
}

/** Queues a registration that contradicts what is held; people decide, nothing is merged. */
export async function insertRegistrationConflict(
  queryable: Queryable,
  conflict: {
    id: string;
    organisation: string;
    request: unknown;
    personIds: readonly string[];
    at: Date;
  },
): Promise<void> {
  await queryable.query(
    `
insert into registration_conflicts (id, organisation, request, person_ids, recorded_at)
values ($1::uuid, $2::text, $3::jsonb, $4::uuid[], $5::timestamptz)`,
    [
      conflict.id,
      conflict.organisation,
      JSON.stringify(conflict.request),
      conflict.personIds,
      conflict.at,
    ],
  );
}
