/** Dated facts about people, as publishers record them. History is kept: rows are only ever added. */
import type { Queryable } from '../database/queryable.ts';
import type { FactEntry } from './person-facts.ts';

interface FactRow {
  person_id: string;
  name: string;
  value: unknown;
  effective_from: Date;
}

/** In the order in which they were recorded. */
export async function findFacts(
  queryable: Queryable,
  personIds: readonly string[],
): Promise<ReadonlyMap<string, readonly FactEntry[]>> {
  const { rows } = await queryable.query<FactRow>(
    `
select person_id, name, value, effective_from from person_facts
where person_id = any($1::uuid[]) order by id`,
    [personIds],
  );
  const facts = new Map<string, FactEntry[]>();
  for (const row of rows) {
    const entry = { name: row.name, value: row.value, from: row.effective_from.getTime() };
    const held = facts.get(row.person_id);
    if (held) held.push(entry);
    else facts.set(row.person_id, [entry]);
  }
  return facts;
}

/** The ids of their rows, in order. */
export async function insertFacts(
  queryable: Queryable,
  personId: string,
  facts: readonly FactEntry[],
  recorded: { by: string; at: Date },
): Promise<readonly number[]> {
  const { rows } = await queryable.query<{ id: number }>(
    `
insert into person_facts (person_id, name, value, effective_from, source, recorded_at)
select $1::uuid, name, value, effective_from, $5::text, $6::timestamptz
from unnest($2::text[], $3::jsonb[], $4::timestamptz[]) as f (name, value, effective_from)
returning id`,
    [
      personId,
      facts.map((f) => f.name),
      facts.map((f) => JSON.stringify(f.value)),
      facts.map((f) => new Date(f.from)),
      recorded.by,
      recorded.at,
    ],
  );
  return rows.map(({ id }) => id);
}

export async function countFacts(queryable: Queryable, personId: string): Promise<number> {
  const { rowCount } = await queryable.query(
    'select from person_facts where person_id = $1::uuid',
    [personId],
  );
  return rowCount;
}
