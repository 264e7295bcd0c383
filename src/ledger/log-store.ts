/** The statements about whole logs and their published checkpoints. Both tables only ever grow. */
import type { Queryable } from '../database/queryable.ts';

export interface LogRow {
  log: number;
  origin: string;
  /** Of a log that a recovery opened: the checkpoint that the database before it did not extend. */
  predecessorCheckpoint: string | null;
}

/** In the order in which they were opened. */
export async function findLogs(queryable: Queryable): Promise<readonly LogRow[]> {
  const { rows } = await queryable.query<LogRow>(`
select log, origin, predecessor_checkpoint as "predecessorCheckpoint" from ledger_logs order by log`);
  return rows;
}

/** Names the first log, at the first start; later calls change nothing. */
export async function ensureFirstLog(
  queryable: Queryable,
  log: { origin: string; at: Date },
): Promise<void> {
  await queryable.query(
    `
insert into ledger_logs (log, origin, opened_at) values (1, $1::text, $2::timestamptz)
on conflict (log) do nothing`,
    [log.origin, log.at],
  );
}

export async function insertLog(
  queryable: Queryable,
  log: { log: number; origin: string; at: Date; predecessorCheckpoint: string },
): Promise<void> {
  await queryable.query(
    `
insert into ledger_logs (log, origin, opened_at, predecessor_checkpoint)
values ($1::int, $2::text, $3::timestamptz, $4::text)`,
    [log.log, log.origin, log.at, log.predecessorCheckpoint],
  );
}

/** Held until the transaction ends. It only saves work: two publishers sign the same bytes. */
export async function tryPublisherLock(queryable: Queryable): Promise<boolean> {
  const {
    rows: [row],
  } = await queryable.query<{ locked: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('jetway checkpoint', 0)) as locked`,
  );
  return row?.locked ?? false;
}

/** Waits until nobody is between writing a checkpoint's file and its row; five seconds at most, then it throws. */
export async function waitForPublisherLock(queryable: Queryable): Promise<void> {
  await queryable.query(`set local lock_timeout = '5s'`);
  await queryable.query(
    `select pg_advisory_xact_lock(hashtextextended('jetway checkpoint', 0)) as locked`,
  );
}

export async function insertCheckpoint(
  queryable: Queryable,
  checkpoint: { log: number; size: number; note: string },
): Promise<void> {
  await queryable.query(
    `
insert into ledger_checkpoints (log, size, note) values ($1::int, $2::bigint, $3::text)
on conflict (log, size) do nothing`,
    [checkpoint.log, checkpoint.size, checkpoint.note],
  );
}

/** The note of the largest size that was published of a log. */
export async function findNewestCheckpoint(
  queryable: Queryable,
  log: number,
): Promise<string | undefined> {
  const {
    rows: [row],
  } = await queryable.query<{ note: string }>(
    `
select note from ledger_checkpoints where log = $1::int order by size desc limit 1`,
    [log],
  );
  return row?.note;
}
