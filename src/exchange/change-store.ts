/**
 * The changes feed's statements. All but the last are for outside the lock: entries below the committed size
 * change no more, so what they say of them stays true while others write.
 */
import type { Queryable } from '../database/queryable.ts';

/** A client whom an entry concerns, and the newest such entry of those that were looked at. */
export interface TouchedClient {
  client: string;
  index: number;
}

export interface TouchedStep {
  /** In the order of their newest entries. */
  touched: readonly TouchedClient[];
  /** Entries that were looked at; fewer than asked where there are no more. */
  scanned: number;
  /** The last of them. */
  last: number | null;
  /** The first entry that the page has no room for. */
  fullAt: number | null;
  /** Entries of no one person: they concern everybody whom a party traced. */
  general: readonly number[] | null;
}

/**
 * Entries from `from` up to `until` that can change what the organisation may see of people whom it traced: the
 * next `steps` of them, or as many as concern `limit` people. The condition on outcome and action is that of the
 * index ledger_events_changes (migrations/0006_changes.sql), word for word. Its own publications and other
 * organisations' traces change nothing for it.
 */
export async function findTouched(
  queryable: Queryable,
  range: { organisation: string; log: number; from: number; until: number },
  { steps, limit }: { steps: number; limit: number },
): Promise<TouchedStep> {
  const { rows } = await queryable.query<TouchedStep>(
    `
with step as materialized (
  select index, action, organisation, person_id from ledger_events
  where log = $2::int and index >= $3::bigint and index < $4::bigint and outcome = 'done' and action in (
    'client.registered', 'client.traced', 'facts.recorded', 'record.published', 'record.retracted',
    'consent.recorded', 'consent.withdrawn', 'consent.evidenced', 'consent.lapsed', 'override.recorded',
    'date.passed', 'agreement.applied', 'agreement.ended'
  )
  order by log, index limit $5::int
), touching as (
  select s.index, l.client
  from step s join client_links l
    on l.organisation = $1::text and l.person_id = s.person_id and l.traced_at is not null
  where case
    when s.action in ('record.published', 'record.retracted') then s.organisation <> $1::text
    when s.action = 'client.traced' then s.organisation = $1::text
    when s.action = 'date.passed' then coalesce(s.organisation, $1::text) = $1::text
    else true
  end
), firsts as (
  select client, min(index) as first from touching group by client order by first limit $6::int + 1
), bound as (
  select (select first from firsts order by first offset $6::int limit 1) as full_at
), page as (
  select client, max(index) as index from touching
  where index < coalesce((select full_at from bound), $4::bigint) group by client
)
select
  coalesce((select jsonb_agg(jsonb_build_object('client', client, 'index', index) order by index) from page), '[]')
    as touched,
  (select count(*) from step)::int as scanned,
  (select max(index) from step) as last,
  (select full_at from bound) as "fullAt",
  (select jsonb_agg(index order by index) from step where person_id is null) as general`,
    [range.organisation, range.log, range.from, range.until, steps, limit],
  );
  const [row] = rows;
  if (!row) throw new Error('a statement without a from clause returned no row');
  return row;
}

/** The organisation's clients in order, from the one after `after`. */
export async function findTracedClients(
  queryable: Queryable,
  organisation: string,
  { after, limit }: { after: string; limit: number },
): Promise<readonly string[]> {
  const { rows } = await queryable.query<{ client: string }>(
    `
select client from client_links
where organisation = $1::text and traced_at is not null and client > $2::text order by client limit $3::int`,
    [organisation, after, limit],
  );
  return rows.map(({ client }) => client);
}

/** A record by whose it is. */
export interface RecordKey {
  personId: string;
  recordType: string;
  custodian: string;
}

/** Something of that person and type was had. */
export interface MaybeHad extends RecordKey {
  /** Of this custodian. Where there are several, of what was pulled the payloads alone tell whose it was. */
  isCertain: boolean;
}

/**
 * Of the records of others that there ever were of the clients: those that the organisation has had or may have,
 * because the feed showed them, because it pulled them, or because they were delivered to it, in whatever log.
 */
export async function findMaybeHad(
  queryable: Queryable,
  organisation: string,
  clients: readonly string[],
): Promise<readonly MaybeHad[]> {
  const { rows } = await queryable.query<MaybeHad>(
    `
with held as (
  select person_id, record_type, custodian, count(*) over (partition by person_id, record_type) as custodians
  from record_versions
  where custodian <> $1::text and person_id in (select person_id from client_links where client = any($2::text[]))
  group by person_id, record_type, custodian
), known as (
  select held.*, exists (
    select from changes_shown s
    where s.organisation = $1::text and s.person_id = held.person_id
      and s.record_type = held.record_type and s.custodian = held.custodian
  ) or exists (
    select from deliveries d
    where d.person_id = held.person_id and d.type = held.record_type and d.sender = held.custodian
      and d.kind = 'record' and d.recipient = $1::text and (d.attempt > 0 or d.reads > 0)
  ) as was_given, exists (
    select from ledger_events e
    where e.person_id = held.person_id and e.action = 'record.disclosed' and e.outcome = 'permitted'
      and e.organisation = $1::text and e.record_type = held.record_type and not 'OWN_RECORD' = any (e.reasons)
  ) as was_pulled
  from held
)
select person_id as "personId", record_type as "recordType", custodian,
  (was_given or custodians = 1) as "isCertain"
from known where was_given or was_pulled`,
    [organisation, clients],
  );
  return rows;
}

/** Remembers what an organisation is shown. For under the lock, together with the entry that says so. */
export async function insertShown(
  queryable: Queryable,
  organisation: string,
  records: readonly RecordKey[],
): Promise<void> {
  await queryable.query(
    `
insert into changes_shown (organisation, person_id, record_type, custodian)
select $1::text, person_id, record_type, custodian
from unnest($2::uuid[], $3::text[], $4::text[]) as r (person_id, record_type, custodian)
on conflict do nothing`,
    [
      organisation,
      records.map(({ personId }) => personId),
      records.map(({ recordType }) => recordType),
      records.map(({ custodian }) => custodian),
    ],
  );
}
