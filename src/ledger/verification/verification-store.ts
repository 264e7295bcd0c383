/** Statements by which the whole ledger is read in pieces of bounded size, all of one snapshot. */
import type { Queryable } from '../../database/queryable.ts';
import { payloadColumns } from '../payload-columns-store.ts';
import type { StoredPayloads } from '../stored-payloads.ts';

/** A batch as it was written; null where the payloads' row is missing. */
export interface StoredBatch extends StoredPayloads {
  firstIndex: number;
  leaves: Buffer;
  commitmentKeys: Buffer | null;
}

export interface SearchRow {
  index: number;
  at: Date;
  action: string;
  outcome: string;
  organisation: string | null;
  person: string | null;
  recordType: string | null;
  reasons: readonly string[];
}

/** From `from` (inclusive) to `to` (exclusive). */
export interface IndexRange {
  from: number;
  to: number;
}

/** Must be the first statement of its transaction. */
export async function freezeSnapshot(queryable: Queryable): Promise<void> {
  await queryable.query('set transaction isolation level repeatable read, read only');
}

/** The next few batches after the one that begins at `after`. */
export async function findBatches(
  queryable: Queryable,
  log: number,
  after: number,
): Promise<readonly StoredBatch[]> {
  const { rows } = await queryable.query<StoredBatch>(
    {
      name: 'verify-batches',
      text: `
select l.first_index as "firstIndex", l.leaves, p.commitment_keys as "commitmentKeys",
  ${payloadColumns('p')}
from ledger_leaves l left join ledger_payloads p on p.log = l.log and p.first_index = l.first_index
where l.log = $1::int and l.first_index > $2::bigint
order by l.first_index limit 32`,
    },
    [log, after],
  );
  return rows;
}

export async function findSearchRows(
  queryable: Queryable,
  log: number,
  { from, to }: IndexRange,
): Promise<readonly SearchRow[]> {
  const { rows } = await queryable.query<SearchRow>(
    {
      name: 'verify-search-rows',
      text: `
select index, at, action, outcome, organisation, person_id as person, record_type as "recordType", reasons
from ledger_events where log = $1::int and index >= $2::bigint and index < $3::bigint order by index`,
    },
    [log, from, to],
  );
  return rows;
}

export async function findBlocks(
  queryable: Queryable,
  log: number,
  { from, to }: IndexRange,
): Promise<readonly { block: number; root: Buffer }[]> {
  const { rows } = await queryable.query<{ block: number; root: Buffer }>(
    {
      name: 'verify-blocks',
      text: `
select block, root from ledger_blocks
where log = $1::int and block >= $2::bigint and block < $3::bigint order by block`,
    },
    [log, from, to],
  );
  return rows;
}

/** Checkpoints of more than `above` entries and at most `upTo`, in order. */
export async function findCheckpoints(
  queryable: Queryable,
  log: number,
  { above, upTo }: { above: number; upTo: number },
): Promise<readonly { size: number; note: string }[]> {
  const { rows } = await queryable.query<{ size: number; note: string }>(
    {
      name: 'verify-checkpoints',
      text: `
select size, note from ledger_checkpoints
where log = $1::int and size > $2::bigint and size <= $3::bigint order by size`,
    },
    [log, above, upTo],
  );
  return rows;
}

/**
 * Rows that belong to no entry of a log of this size: for each kind the first index, and how many. An index beyond
 * 2^53, which no log comes to, is told as 2^53 - 1; so is the size of a checkpoint.
 */
export async function findStrayRows(
  queryable: Queryable,
  log: number,
  size: number,
): Promise<readonly { kind: string; index: number; count: number }[]> {
  const { rows } = await queryable.query<{ kind: string; index: number; count: number }>(
    `
select kind, least(min(index), 9007199254740991) as index, count(*) as count from (
  select 'search' as kind, index from ledger_events
  where log = $1::int and (index < 0 or index >= $2::bigint)
  union all
  select 'payload', first_index from ledger_payloads p
  where log = $1::int and not exists (
    select from ledger_leaves l where l.log = p.log and l.first_index = p.first_index)
  union all
  select 'block', least(block, 35184372088832) * 256 from ledger_blocks
  where log = $1::int and (block < 0 or block >= $2::bigint / 256)
  union all
  select 'leaf', first_index from ledger_leaves where log = $1::int and first_index < 0
  union all
  select 'checkpoint', size from ledger_checkpoints
  where log = $1::int and (size < 0 or size > 9007199254740991)
) as stray group by kind order by kind`,
    [log, size],
  );
  return rows;
}

/** Numbers of logs that have rows somewhere and no name in `ledger_logs`. */
export async function findNamelessLogs(queryable: Queryable): Promise<readonly number[]> {
  const { rows } = await queryable.query<{ log: number }>(`
with recursive leaf_logs as (
  select min(log) as log from ledger_leaves
  union all
  select (select min(log) from ledger_leaves where log > leaf_logs.log) from leaf_logs where log is not null
), event_logs as (
  select min(log) as log from ledger_events
  union all
  select (select min(log) from ledger_events where log > event_logs.log) from event_logs where log is not null
)
select log from (
  select log from leaf_logs union select log from event_logs union select log from ledger_head where size > 0
) as used
where log is not null and log not in (select log from ledger_logs) order by log limit 10`);
  return rows.map(({ log }) => log);
}

/** A batch with the indexes of its entries that did one of some actions; all null where there is none. */
export interface PayloadsByAction extends StoredPayloads {
  firstIndex: number;
  indexes: readonly number[] | null;
}

/** The next few batches after the one that begins at `after`; of refusals nothing. */
export async function findPayloadsByAction(
  queryable: Queryable,
  { log, after, actions }: { log: number; after: number; actions: readonly string[] },
): Promise<readonly PayloadsByAction[]> {
  const { rows } = await queryable.query<PayloadsByAction>(
    {
      name: 'verify-payloads-by-action',
      text: `
select p.first_index as "firstIndex", e.indexes, ${payloadColumns('b')}
from (
  select first_index, length(commitment_keys) / 32 as count from ledger_payloads
  where log = $1::int and first_index > $2::bigint order by first_index limit 128
) p cross join lateral (
  select array_agg(index order by index) as indexes from ledger_events
  where log = $1::int and index >= p.first_index and index < p.first_index + p.count
    and action = any($3::text[]) and outcome = 'done'
) e left join ledger_payloads b
  on e.indexes is not null and b.log = $1::int and b.first_index = p.first_index
order by p.first_index`,
    },
    [log, after, actions],
  );
  return rows;
}

/** Whether a checkpoint of exactly this size was published, and whether one of a larger size was. */
export async function findPublished(
  queryable: Queryable,
  { log, size }: { log: number; size: number },
): Promise<{ isThere: boolean; isOutrun: boolean }> {
  const { rows } = await queryable.query<{ isThere: boolean; isOutrun: boolean }>(
    `
select coalesce(bool_or(size = $2::bigint), false) as "isThere",
  coalesce(bool_or(size > $2::bigint), false) as "isOutrun"
from ledger_checkpoints where log = $1::int and size >= $2::bigint`,
    [log, size],
  );
  return rows[0] ?? { isThere: false, isOutrun: false };
}
