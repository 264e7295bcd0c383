/** Each organisation's own opaque ids for people: random, stored, different for every organisation. */
import type { Queryable } from '../database/queryable.ts';

export interface ClientLink {
  client: string;
  organisation: string;
  personId: string;
  /** Epoch milliseconds of the last confirmed trace; null where nothing was ever confirmed. */
  tracedAt: number | null;
  /** The organisation's recorded claim. */
  relationship: string | null;
  /** The person's, when the link was read: what a node remembers under it stands while it is the same. */
  stateVersion: number;
}

interface LinkRow {
  client: string;
  organisation: string;
  person_id: string;
  traced_at: Date | null;
  relationship: string | null;
  state_version: number;
}

function toLink(row: LinkRow): ClientLink {
  return {
    client: row.client,
    organisation: row.organisation,
    personId: row.person_id,
    tracedAt: row.traced_at?.getTime() ?? null,
    relationship: row.relationship,
    stateVersion: row.state_version,
  };
}

const findByClients = {
  name: 'links-by-client',
  text: `
select l.client, l.organisation, l.person_id, l.traced_at, l.relationship, p.state_version
from client_links l join persons p on p.id = l.person_id
where l.client = any($1::text[])`,
};

/** Whoever they belong to: the caller compares the organisation. */
export async function findLinks(
  queryable: Queryable,
  clients: readonly string[],
): Promise<ReadonlyMap<string, ClientLink>> {
  const { rows } = await queryable.query<LinkRow>(findByClients, [clients]);
  return new Map(rows.map((row) => [row.client, toLink(row)]));
}

/** The organisation's own ids for people; who has none is left out. */
export async function findClientsOfPersons(
  queryable: Queryable,
  organisation: string,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await queryable.query<{ client: string; person_id: string }>(
    `
select client, person_id from client_links
where organisation = $1::text and person_id = any($2::uuid[])`,
    [organisation, personIds],
  );
  return new Map(rows.map((row) => [row.person_id, row.client]));
}

export interface NewLink {
  client: string;
  organisation: string;
  personId: string;
}

/** Keeps the ids that are already there. */
export async function insertLinks(queryable: Queryable, links: readonly NewLink[]): Promise<void> {
  await queryable.query(
    `
insert into client_links (client, organisation, person_id)
select * from unnest($1::text[], $2::text[], $3::uuid[])
on conflict on constraint client_links_one_each do nothing`,
    [links.map((l) => l.client), links.map((l) => l.organisation), links.map((l) => l.personId)],
  );
}

/**
 * Records that the person's identity was confirmed; a relationship is replaced only by a new claim. Returns what
 * stands.
 */
export async function confirmLink(
  queryable: Queryable,
  link: NewLink & { tracedAt: Date; relationship: string | null },
): Promise<{ client: string; relationship: string | null }> {
  const {
    rows: [row],
  } = await queryable.query<{ client: string; relationship: string | null }>(
    `
insert into client_links as l (client, organisation, person_id, traced_at, relationship)
values ($1::text, $2::text, $3::uuid, $4::timestamptz, $5::text)
on conflict on constraint client_links_one_each do update
set traced_at = excluded.traced_at, relationship = coalesce(excluded.relationship, l.relationship)
returning client, relationship`,
    [link.client, link.organisation, link.personId, link.tracedAt, link.relationship],
  );
  if (!row) throw new Error('confirming a link returned no row');
  return row;
}

/** An organisation's link to a person, where it has one, and the person's state. */
export interface KnownPerson {
  stateVersion: number;
  link: ClientLink | undefined;
}

export interface LinkKey {
  organisation: string;
  personId: string;
}

export function linkKey({ organisation, personId }: LinkKey): string {
  return `${organisation} ${personId}`;
}

/** By `linkKey`. */
export async function findKnownPersons(
  queryable: Queryable,
  keys: readonly LinkKey[],
): Promise<ReadonlyMap<string, KnownPerson>> {
  const { rows } = await queryable.query<
    Omit<LinkRow, 'client'> & { client: string | null; of_whom: string }
  >(
    {
      name: 'links-by-person',
      text: `
select k.organisation as of_whom, p.id as person_id, p.state_version, l.client, l.organisation, l.traced_at, l.relationship
from (select distinct organisation, person_id from unnest($1::text[], $2::uuid[]) as u (organisation, person_id)) k
join persons p on p.id = k.person_id
left join client_links l on l.organisation = k.organisation and l.person_id = k.person_id`,
    },
    [keys.map(({ organisation }) => organisation), keys.map(({ personId }) => personId)],
  );
  return new Map(
    rows.map(({ client, of_whom, ...row }) => [
      linkKey({ organisation: of_whom, personId: row.person_id }),
      {
        stateVersion: row.state_version,
        link: client === null ? undefined : toLink({ ...row, client }),
      },
    ]),
  );
}

/** Of the organisations, those that traced the person. */
export async function findTracers(
  queryable: Queryable,
  personId: string,
  organisations: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ organisation: string }>(
    {
      name: 'links-tracers',
      text: `
select organisation from client_links
where person_id = $1::uuid and organisation = any($2::text[]) and traced_at is not null
order by organisation`,
    },
    [personId, organisations],
  );
  return rows.map(({ organisation }) => organisation);
}
