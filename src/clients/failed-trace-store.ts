/**
 * Counts of failed traces by hour, and of documents that did not fit their person: for the limits that keep
 * either from becoming an oracle.
 */
import type { Queryable } from '../database/queryable.ts';

const hourMs = 3_600_000;

/** In which a failure at that instant counts. */
export function hourOf(at: number): Date {
  return new Date(Math.floor(at / hourMs) * hourMs);
}

/** Failures within the hour, by scope (an organisation, or a keyed digest of a number or person). */
export async function findFailedTraces(
  queryable: Queryable,
  scopes: readonly string[],
  hour: Date,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await queryable.query<{ scope: string; count: number }>(
    `select scope, count from failed_traces where scope = any($1::text[]) and hour = $2::timestamptz`,
    [scopes, hour],
  );
  return new Map(rows.map((row) => [row.scope, row.count]));
}

export async function countFailedTrace(
  queryable: Queryable,
  scopes: readonly string[],
  hour: Date,
): Promise<void> {
  await queryable.query(
    `
insert into failed_traces as f (scope, hour, count)
select scope, $2::timestamptz, 1 from unnest($1::text[]) as s (scope)
on conflict (scope, hour) do update set count = f.count + 1`,
    [scopes, hour],
  );
}

export async function deleteFailedTracesBefore(queryable: Queryable, before: Date): Promise<void> {
  await queryable.query(`delete from failed_traces where hour < $1::timestamptz`, [before]);
}
