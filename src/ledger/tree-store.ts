/** Reading a log's tree back: the head without its lock, the roots of full blocks, and leaves. */
import type { Queryable } from '../database/queryable.ts';

export interface TreeRow {
  log: number;
  size: number;
  at: Date;
  frontier: Buffer;
  root: Buffer;
}

export interface LeavesRow {
  firstIndex: number;
  /** 50 bytes an entry. */
  leaves: Buffer;
}

/** Waits for whoever holds it, for as long as the session's limits allow. Requires a transaction. */
export async function lockHead(queryable: Queryable): Promise<void> {
  await queryable.query('select from ledger_head for update');
}

/** What the head says was committed last; undefined where somebody has removed it. */
export async function findTree(queryable: Queryable): Promise<TreeRow | undefined> {
  const {
    rows: [row],
  } = await queryable.query<TreeRow>('select log, size, at, frontier, root from ledger_head');
  return row;
}

export async function getTree(queryable: Queryable): Promise<TreeRow> {
  const row = await findTree(queryable);
  if (!row) throw new Error('the ledger has no head row: the database is not migrated');
  return row;
}

/** The roots of the first `count` full blocks; fewer where some are missing. */
export async function findBlockRoots(
  queryable: Queryable,
  log: number,
  count: number,
): Promise<readonly Buffer[]> {
  const { rows } = await queryable.query<{ root: Buffer }>(
    `
select root from ledger_blocks where log = $1::int and block >= 0 and block < $2::bigint order by block`,
    [log, count],
  );
  return rows.map(({ root }) => root);
}

/** Batches from the one that holds index `from`, below index `to`; a few at a time. */
export async function findLeaves(
  queryable: Queryable,
  log: number,
  { from, to }: { from: number; to: number },
): Promise<readonly LeavesRow[]> {
  const { rows } = await queryable.query<LeavesRow>(
    `
select first_index as "firstIndex", leaves from ledger_leaves
where log = $1::int and first_index < $3::bigint and first_index >= coalesce(
  (select max(first_index) from ledger_leaves where log = $1::int and first_index <= $2::bigint), 0)
order by first_index limit 64`,
    [log, from, to],
  );
  return rows;
}

/** Turns the head to another log, empty. Requires the head's lock. */
export async function startLog(queryable: Queryable, log: number): Promise<void> {
  await queryable.query(
    `
update ledger_head set log = $1::int, size = 0, frontier = '', root = sha256('')`,
    [log],
  );
}
