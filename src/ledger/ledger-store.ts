/** The ledger's statements. The gateway's role may insert here and update the head; nothing else. */
import type { Queryable } from '../database/queryable.ts';
import { decodeFrontier, encodeFrontier } from '../tlog/frontier.ts';
import type { AppendedBatch, LedgerHead } from './append.ts';

/** What the gateway's role may add to and never change. */
export const appendOnlyTables: readonly string[] = [
  'ledger_logs',
  'ledger_leaves',
  'ledger_payloads',
  'ledger_blocks',
  'ledger_events',
  'ledger_checkpoints',
];

export interface LockedHead extends LedgerHead {
  registerVersion: number;
  agreementsVersion: number;
  peopleVersion: number;
  /** Of the log, and of the run of the database server: another may have lost commits that this one had. */
  timeline: string;
}

interface HeadRow {
  log: number;
  size: number;
  at: Date | number;
  frontier: Buffer;
  register_version: number;
  agreements_version: number;
  people_version: number;
  started: string;
}

const headColumns = `log, size, at, frontier, register_version, agreements_version, people_version,
  pg_postmaster_start_time()::text as started`;

/** Prepared, which spares parsing and planning it for every transaction. */
const lockHead = {
  name: 'ledger-lock-head',
  text: `select ${headColumns} from ledger_head for update`,
};

/**
 * Opens a transaction and takes the lock that everything in the system takes first. The lock must be a
 * statement of its own, since one fused with reads would wait for the withdrawal before it and then still see
 * the consent of before. The ledger's connection sends both in one round trip.
 */
export async function beginAndLockHead(queryable: Queryable): Promise<LockedHead> {
  const [, locked] = await Promise.all([
    queryable.query('begin'),
    queryable.query<HeadRow>(lockHead),
  ]);
  const [row] = locked.rows;
  if (!row) throw new Error('the ledger has no head row');
  return toLockedHead(row);
}

function toLockedHead(row: HeadRow): LockedHead {
  return {
    log: row.log,
    // '-infinity' of a ledger without entries arrives as a number
    at: row.at instanceof Date ? row.at.getTime() : 0,
    frontier: decodeFrontier(row.size, row.frontier),
    registerVersion: row.register_version,
    agreementsVersion: row.agreements_version,
    peopleVersion: row.people_version,
    timeline: `${row.log} ${row.started}`,
  };
}

/** The head as last committed, without a lock. */
export async function getHead(queryable: Queryable): Promise<LockedHead> {
  const {
    rows: [row],
  } = await queryable.query<HeadRow>({
    name: 'ledger-head',
    text: `select ${headColumns} from ledger_head`,
  });
  if (!row) throw new Error('the ledger has no head row: the database is not migrated');
  return toLockedHead(row);
}

/** One statement for a whole batch: leaves, payloads, full blocks, search rows, and the next head. */
export const appendStatement = {
  name: 'ledger-append',
  text: `
with leaves as (
  insert into ledger_leaves (log, first_index, leaves) values ($1::int, $2::bigint, $3::bytea)
), payloads as (
  insert into ledger_payloads (log, first_index, commitment_keys, payloads, packed)
  values ($1::int, $2::bigint, $4::bytea, $5::text, $6::bytea)
), events as (
  insert into ledger_events (log, index, at, action, outcome, organisation, person_id, record_type, reasons)
  select $1::int, $2::bigint + n - 1, $7::timestamptz, action, outcome, organisation, person_id, record_type,
         string_to_array(reasons, ' ')
  from unnest($8::text[], $9::text[], $10::text[], $11::uuid[], $12::text[], $13::text[])
       with ordinality as e (action, outcome, organisation, person_id, record_type, reasons, n)
), blocks as (
  insert into ledger_blocks (log, block, root)
  select $1::int, block, root from unnest($14::bigint[], $15::bytea[]) as b (block, root)
)
update ledger_head set size = $16::bigint, at = $7::timestamptz, frontier = $17::bytea, root = $18::bytea`,
};

export function appendValues(batch: AppendedBatch): readonly unknown[] {
  const { events, next } = batch;
  return [
    batch.log,
    batch.firstIndex,
    batch.leaves,
    batch.commitmentKeys,
    batch.payloads,
    batch.packed,
    new Date(batch.at),
    events.map((e) => e.action),
    events.map((e) => e.outcome),
    events.map((e) => e.organisation),
    events.map((e) => e.person),
    events.map((e) => e.recordType),
    events.map((e) => e.reasonCodes.join(' ')),
    batch.blocks.map((b) => b.block),
    batch.blocks.map((b) => b.root),
    next.frontier.size,
    encodeFrontier(next.frontier),
    next.root,
  ];
}

/** Whether a batch whose COMMIT was never answered is there after all. The head must be locked. */
export async function hasBatch(queryable: Queryable, batch: AppendedBatch): Promise<boolean> {
  const { rows } = await queryable.query(
    `
select from ledger_leaves where log = $1::int and first_index = $2::bigint and leaves = $3::bytea`,
    [batch.log, batch.firstIndex, batch.leaves],
  );
  return rows.length === 1;
}
