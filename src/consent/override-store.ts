/** Overrides: facts held with their evidence, each for one organisation, one record type and an end. */
import type { Queryable } from '../database/queryable.ts';
import type { OverrideDocument } from './override-record.ts';

export interface StoredOverride {
  id: string;
  personId: string;
  organisation: string;
  recordType: string;
  document: OverrideDocument;
  /** Epoch milliseconds, exclusive. */
  expiresAt: number;
  recordedBy: string;
}

interface OverrideRow {
  id: string;
  person_id: string;
  organisation: string;
  record_type: string;
  document: OverrideDocument;
  expires_at: Date;
  recorded_by: string;
}

/** In the order in which they were recorded. */
export async function findOverridesOfPersons(
  queryable: Queryable,
  personIds: readonly string[],
): Promise<readonly StoredOverride[]> {
  const { rows } = await queryable.query<OverrideRow>(
    `
select id, person_id, organisation, record_type, document, expires_at, recorded_by from overrides
where person_id = any($1::uuid[]) order by recorded_at, id`,
    [personIds],
  );
  return rows.map((row) => ({
    id: row.id,
    personId: row.person_id,
    organisation: row.organisation,
    recordType: row.record_type,
    document: row.document,
    expiresAt: row.expires_at.getTime(),
    recordedBy: row.recorded_by,
  }));
}

export async function insertOverride(
  queryable: Queryable,
  override: StoredOverride,
  recordedAt: Date,
): Promise<void> {
  await queryable.query(
    `
insert into overrides (id, person_id, organisation, record_type, document, expires_at, recorded_by, recorded_at)
values ($1::uuid, $2::uuid, $3::text, $4::text, $5::jsonb, $6::timestamptz, $7::text, $8::timestamptz)`,
    [
      override.id,
      override.personId,
      override.organisation,
      override.recordType,
      JSON.stringify(override.document),
      new Date(override.expiresAt),
      override.recordedBy,
      recordedAt,
    ],
  );
}

export async function countOverrides(queryable: Queryable, personId: string): Promise<number> {
  const { rowCount } = await queryable.query('select from overrides where person_id = $1::uuid', [
    personId,
  ]);
  return rowCount;
}
