/** Dates that are due (migrations/0006_changes.sql), and traces that have gone stale since they were last swept. */
import type { Queryable } from '../database/queryable.ts';

export type DueKind =
  | 'consent.started'
  | 'consent.ended'
  | 'consent.lapsed'
  | 'override.ended'
  | 'fact.effective'
  | 'birthday.16'
  | 'agreement.started'
  | 'agreement.ended';

export interface DueDate {
  dueAt: Date;
  what: DueKind;
  /** Null for an agreement's. */
  personId: string | null;
  /** Id of the consent, override or agreement. */
  subject: string | null;
  /** Of the agreement. */
  version: number | null;
}

/** How long an organisation's traces count. */
export interface TraceLife {
  organisation: string;
  lifeMs: number;
}

export interface StaleTrace {
  organisation: string;
  personId: string;
  staleAt: Date;
}

const staleTraces = `
from trace_sweep s cross join unnest($2::text[], $3::bigint[]) as f (organisation, life_ms)
join client_links l on l.organisation = f.organisation
  and l.traced_at > s.until - f.life_ms * interval '1 millisecond'
  and l.traced_at <= $1::timestamptz - f.life_ms * interval '1 millisecond'`;

/** Whether there is anything to sweep: without a lock, so that there is none where there is nothing. */
export async function isAnythingDue(
  queryable: Queryable,
  at: Date,
  lives: readonly TraceLife[],
): Promise<boolean> {
  const {
    rows: [row],
  } = await queryable.query<{ due: boolean }>(
    `
select exists (select from due_dates where due_at <= $1::timestamptz) or exists (select ${staleTraces}) as due`,
    [at, ...columns(lives)],
  );
  return row?.due === true;
}

/** Removes them, oldest first. */
export async function takeDueDates(
  queryable: Queryable,
  at: Date,
  limit: number,
): Promise<readonly DueDate[]> {
  const { rows } = await queryable.query<DueDate>(
    `
with taken as (
  delete from due_dates where id in (
    select id from due_dates where due_at <= $1::timestamptz order by due_at, id limit $2::int
  ) returning id, due_at, what, person_id, subject, version
)
select due_at as "dueAt", what, person_id as "personId", subject, version from taken order by due_at, id`,
    [at, limit],
  );
  return rows;
}

/** Oldest first, from where the last sweep ended. More than `limit` where several went stale at one instant. */
export async function findStaleTraces(
  queryable: Queryable,
  at: Date,
  lives: readonly TraceLife[],
  limit: number,
): Promise<readonly StaleTrace[]> {
  const { rows } = await queryable.query<StaleTrace>(
    `
select l.organisation, l.person_id as "personId", l.traced_at + f.life_ms * interval '1 millisecond' as "staleAt"
${staleTraces}
order by "staleAt" fetch first ($4::bigint) rows with ties`,
    [at, ...columns(lives), limit],
  );
  return rows;
}

export async function moveTraceSweep(queryable: Queryable, until: Date): Promise<void> {
  await queryable.query('update trace_sweep set until = $1::timestamptz', [until]);
}

function columns(lives: readonly TraceLife[]): readonly [readonly string[], readonly number[]] {
  return [lives.map(({ organisation }) => organisation), lives.map(({ lifeMs }) => lifeMs)];
}
