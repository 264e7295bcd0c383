/**
 * Searching the ledger. The narrow rows of `ledger_events` find the entries; what they say is read from the
 * payloads that the leaves commit to.
 */
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Action, EventOutcome } from './ledger-event.ts';
import { payloadColumns } from './payload-columns-store.ts';
import { parseStoredEvent, type StoredEvent } from './stored-event.ts';
import { payloadLines, type StoredPayloads } from './stored-payloads.ts';

/** An entry's place: logs in order, and indexes within a log. */
export interface LedgerPosition {
  log: number;
  index: number;
}

export interface EventFilter {
  /** The gateway's own id of a person (UUID). */
  personId?: string | undefined;
  organisation?: string | undefined;
  action?: Action | undefined;
  outcome?: EventOutcome | undefined;
  /** One code among the event's reasons. */
  reason?: string | undefined;
  recordType?: string | undefined;
  from?: Date | undefined;
  /** Exclusive. */
  until?: Date | undefined;
}

export interface EventPage {
  /** At least 1; what is too many is the caller's to say. */
  limit: number;
  /** Only entries before this one: the last of the page before. */
  before?: LedgerPosition | undefined;
}

export interface FoundEvent extends LedgerPosition {
  payload: StoredEvent;
}

interface EventRow extends LedgerPosition, StoredPayloads {
  /** Of the batch that holds the entry. */
  firstIndex: number | null;
}

/**
 * Newest first. Of a batch that holds several entries of `found`, the payloads come with the first of them alone. Who
 * may only add rows could put payloads of their own over the end of a batch: of two that overlap, neither is believed.
 */
const batchesOfFound = `
select held.log, held.index, held.first_index as "firstIndex", ${payloadColumns('p')}
from (
  select found.log, found.index, batch.first_index,
    row_number() over (partition by found.log, batch.first_index order by found.index desc) as nth
  from found left join lateral (
    select first_index, lead(first_index + length(commitment_keys) / 32) over (order by first_index desc) as before
    from (
      select first_index, commitment_keys from ledger_payloads
      where log = found.log and first_index <= found.index order by first_index desc limit 2
    ) newest order by first_index desc limit 1
  ) batch on batch.before is null or batch.before <= batch.first_index
) held left join ledger_payloads p on p.log = held.log and p.first_index = held.first_index and held.nth = 1
order by held.log desc, held.index desc`;

/**
 * Newest first. Unnamed on purpose: planned with its values, so that filters not given cost nothing. Before a
 * position is written as up to the one below it: PostgreSQL estimates a comparison of rows by its first
 * column alone, and `log < 1` would be nothing at all, whatever else was asked.
 */
export async function findEvents(
  queryable: Queryable,
  filter: EventFilter,
  page: EventPage,
): Promise<readonly FoundEvent[]> {
  const { rows } = await queryable.query<EventRow>(
    `
with found as (
  select log, index from ledger_events
  where ($1::uuid is null or person_id = $1::uuid)
    and ($2::text is null or organisation = $2::text)
    and ($3::text is null or action = $3::text)
    and ($4::text is null or outcome = $4::text)
    and ($5::text is null or $5::text = any(reasons))
    and ($6::text is null or record_type = $6::text)
    and ($7::timestamptz is null or at >= $7::timestamptz)
    and ($8::timestamptz is null or at < $8::timestamptz)
    and ($9::int is null or (log, index) <= ($9::int, $10::bigint - 1))
  order by log desc, index desc limit $11::int
)${batchesOfFound}`,
    [
      filter.personId ?? null,
      filter.organisation ?? null,
      filter.action ?? null,
      filter.outcome ?? null,
      filter.reason ?? null,
      filter.recordType ?? null,
      filter.from ?? null,
      filter.until ?? null,
      page.before?.log ?? null,
      page.before?.index ?? null,
      page.limit,
    ],
  );
  return toFoundEvents(rows);
}

/** Whether there is such an entry: one look into an index, fit for the head's lock. */
export async function hasEvent(
  queryable: Queryable,
  { log, index }: LedgerPosition,
): Promise<boolean> {
  const { rows } = await queryable.query(
    'select from ledger_events where log = $1::int and index = $2::bigint',
    [log, index],
  );
  return rows.length === 1;
}

export async function findEvent(
  queryable: Queryable,
  log: number,
  index: number,
): Promise<FoundEvent | undefined> {
  const { rows } = await queryable.query<EventRow>(
    `
with found as (
  select log, index from ledger_events where log = $1::int and index = $2::bigint
)${batchesOfFound}`,
    [log, index],
  );
  return toFoundEvents(rows)[0];
}

function toFoundEvents(rows: readonly EventRow[]): readonly FoundEvent[] {
  let batch: Pick<EventRow, 'log' | 'firstIndex'> | undefined;
  let lines: readonly string[] | undefined;
  return rows.map((row) => {
    if (row.log !== batch?.log || row.firstIndex !== batch.firstIndex) lines = payloadLines(row);
    batch = row;
    return toFoundEvent(row, lines?.[row.index - (row.firstIndex ?? 0)]);
  });
}

function toFoundEvent({ log, index }: LedgerPosition, payload: string | undefined): FoundEvent {
  const event = parseStoredEvent(payload ?? '');
  if (event) return { log, index, payload: event };
  throw new GatewayError('LEDGER_UNAVAILABLE', {
    detail: `Entry ${index} of log ${log} cannot be read: run \`jetway ledger verify\`.`,
  });
}
