/** The rows that entries of the ledger speak of, by their keys as text, and how many rows there are in all. */
import type { ClientLink, LinkKey } from '../../clients/link-store.ts';
import type { StoredConsent } from '../../consent/consent-store.ts';
import type { StoredOverride } from '../../consent/override-store.ts';
import type { Queryable } from '../../database/queryable.ts';
import type { StateKind } from '../state-claim.ts';
import type { MessageRow, RecordedFact, RecordRow } from '../state-digest.ts';
import { comparedTables, tableOf } from './compared-tables.ts';

/** Those of the compared tables that this login may not read. One that is gone is not among them. */
export async function findUnreadable(queryable: Queryable): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ name: string }>(
    `
select name from unnest($1::text[]) as t (name)
where not has_table_privilege(to_regclass(name), 'select')`,
    [comparedTables],
  );
  return rows.map(({ name }) => name);
}

export async function countState(
  queryable: Queryable,
): Promise<Readonly<Record<StateKind, number>>> {
  const counts = Object.entries(tableOf).map(
    ([kind, table]) => `(select count(*) from ${table}) as ${kind}`,
  );
  const { rows } = await queryable.query<Record<StateKind, number>>(`select ${counts.join(', ')}`);
  const [row] = rows;
  if (!row) throw new Error('a count gives no row');
  return row;
}

/** By id and version. */
export async function findConsentRows(
  queryable: Queryable,
  keys: readonly (readonly string[])[],
): Promise<readonly StoredConsent[]> {
  const { rows } = await queryable.query<StoredConsent>(
    `
select id, version, person_id as "personId", document, recorded_by as "recordedBy", recorded_at as "recordedAt"
from unnest($1::uuid[], $2::int[]) as k (id, version) join consents using (id, version)`,
    columns(keys, 2),
  );
  return rows;
}

/** By id. */
export async function findOverrideRows(
  queryable: Queryable,
  keys: readonly (readonly string[])[],
): Promise<readonly (StoredOverride & { recordedAt: Date })[]> {
  const { rows } = await queryable.query<
    Omit<StoredOverride, 'expiresAt'> & { expires: Date; recordedAt: Date }
  >(
    `
select id, person_id as "personId", organisation, record_type as "recordType", document, expires_at as expires,
  recorded_by as "recordedBy", recorded_at as "recordedAt"
from overrides where id = any($1::uuid[])`,
    columns(keys, 1),
  );
  return rows.map(({ expires, ...row }) => ({ ...row, expiresAt: expires.getTime() }));
}

/** By id. */
export async function findFactRows(
  queryable: Queryable,
  keys: readonly (readonly string[])[],
): Promise<readonly (RecordedFact & { id: number })[]> {
  const { rows } = await queryable.query<
    Omit<RecordedFact, 'from'> & { id: number; effective: Date }
  >(
    `
select id, person_id as "personId", name, value, effective_from as effective, source as by, recorded_at as at
from person_facts where id = any($1::bigint[])`,
    columns(keys, 1),
  );
  return rows.map(({ effective, ...row }) => ({ ...row, from: effective.getTime() }));
}

/** By person, record type, custodian and version. */
export async function findRecordRows(
  queryable: Queryable,
  keys: readonly (readonly string[])[],
): Promise<readonly RecordRow[]> {
  const { rows } = await queryable.query<RecordRow>(
    `
select person_id as "personId", record_type as "recordType", custodian, version, schema, as_at as "asAt", digest,
  encode(sha256(convert_to(sections, 'UTF8')), 'base64') as "sectionsDigest", outline,
  retraction_reason as "retractionReason", published_at as "publishedAt"
from unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) as k (person_id, record_type, custodian, version)
join record_versions using (person_id, record_type, custodian, version)`,
    columns(keys, 4),
  );
  return rows;
}

/** By id. */
export async function findMessageRows(
  queryable: Queryable,
  keys: readonly (readonly string[])[],
): Promise<readonly MessageRow[]> {
  const { rows } = await queryable.query<MessageRow>(
    `
select id, person_id as "personId", message_type as "messageType", sender, recipient, purpose, schema, as_at as "asAt",
  digest, encode(sha256(convert_to(sections, 'UTF8')), 'base64') as "sectionsDigest", outline, sent_at as "sentAt"
from messages where id = any($1::uuid[])`,
    columns(keys, 1),
  );
  return rows;
}

export type StoredLink = Omit<ClientLink, 'stateVersion'>;

/** Where somebody dropped the table's constraint, there may be several of a key. */
export async function findLinkRows(
  queryable: Queryable,
  keys: readonly LinkKey[],
): Promise<readonly StoredLink[]> {
  const { rows } = await queryable.query<Omit<StoredLink, 'tracedAt'> & { traced: Date | null }>(
    `
select client, organisation, person_id as "personId", traced_at as traced, relationship
from (select distinct * from unnest($1::text[], $2::uuid[])) as k (organisation, person_id)
join client_links using (organisation, person_id)`,
    [keys.map(({ organisation }) => organisation), keys.map(({ personId }) => personId)],
  );
  return rows.map(({ traced, ...row }) => ({ ...row, tracedAt: traced?.getTime() ?? null }));
}

export async function countTracedLinks(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query<{ count: number }>(
    'select count(*) as count from client_links where traced_at is not null',
  );
  return rows[0]?.count ?? 0;
}

export async function countPersons(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query<{ count: number }>(
    'select count(*) as count from persons',
  );
  return rows[0]?.count ?? 0;
}

/** Keys, turned into one array for each of their parts. */
function columns(keys: readonly (readonly string[])[], parts: number): readonly string[][] {
  return Array.from({ length: parts }, (_, part) => keys.map((key) => key[part] ?? ''));
}
