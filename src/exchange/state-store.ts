/** The rows that entries of the ledger speak of, by their keys as text, and how many rows there are in all. */
import type { ClientLink, LinkKey } from '../clients/link-store.ts';
import type { StoredConsent } from '../consent/consent-store.ts';
import type { StoredOverride } from '../consent/override-store.ts';
import type { Queryable } from '../database/queryable.ts';
import type { IdentityRow, MessageRow, RecordedFact, RecordRow } from './state-digest.ts';

/** Which of the tables that `jetway ledger verify` compares this login may not read. One that is gone is not among them. */
export async function findUnreadable(queryable: Queryable): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ name: string }>(`
select name from unnest(array['consents', 'overrides', 'person_facts', 'record_versions', 'messages', 'participants',
  'participant_certificates', 'participant_assertion_keys', 'endpoints', 'sharing_agreements', 'client_links',
  'persons', 'person_names', 'person_identifiers']) as t (name)
where not has_table_privilege(to_regclass(name), 'select')`);
  return rows.map(({ name }) => name);
}

export interface StateCounts {
  consent: number;
  override: number;
  fact: number;
  record: number;
  message: number;
}

export async function countState(queryable: Queryable): Promise<StateCounts> {
  const { rows } = await queryable.query<StateCounts>(`
select (select count(*) from consents) as consent, (select count(*) from overrides) as override,
  (select count(*) from person_facts) as fact, (select count(*) from record_versions) as record,
  (select count(*) from messages) as message`);
  return rows[0] ?? { consent: 0, override: 0, fact: 0, record: 0, message: 0 };
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
