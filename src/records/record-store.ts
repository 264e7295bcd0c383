/** Record versions: one record per person, type and custodian, every version kept. */
import type { Queryable } from '../database/queryable.ts';

/** Where a section stands in the stored text, in UTF-16 code units, and what it is labelled. */
export interface OutlinedSection {
  name: string;
  label: 'N' | 'R' | 'V';
  start: number;
  end: number;
  /** SHA-256 of the section's text, base64. */
  digest: string;
}

export interface RecordVersion {
  personId: string;
  recordType: string;
  custodian: string;
  version: number;
  /** For example `social-care-summary/v1`. */
  schema: string;
  /** As the publisher wrote it. */
  asAt: string;
  /** RFC 9530 form, of the whole body as published. */
  digest: string;
  /** The texts of the sections, byte for byte, one after the other. */
  sections: string;
  /** In record order. Empty where the record was taken back. */
  outline: readonly OutlinedSection[];
  retractionReason: string | null;
}

interface RecordRow {
  person_id: string;
  record_type: string;
  custodian: string;
  version: number;
  schema: string;
  as_at: string;
  digest: string;
  sections: string;
  outline: readonly OutlinedSection[];
  retraction_reason: string | null;
}

const columns =
  'person_id, record_type, custodian, version, schema, as_at, digest, sections, outline, retraction_reason';

function toRecordVersion(row: RecordRow): RecordVersion {
  return {
    personId: row.person_id,
    recordType: row.record_type,
    custodian: row.custodian,
    version: row.version,
    schema: row.schema,
    asAt: row.as_at,
    digest: row.digest,
    sections: row.sections,
    outline: row.outline,
    retractionReason: row.retraction_reason,
  };
}

/** The newest version of every record of the people. */
export async function findCurrentRecords(
  queryable: Queryable,
  personIds: readonly string[],
): Promise<readonly RecordVersion[]> {
  const { rows } = await queryable.query<RecordRow>(
    `
select distinct on (person_id, record_type, custodian) ${columns} from record_versions
where person_id = any($1::uuid[])
order by person_id, record_type, custodian, version desc`,
    [personIds],
  );
  return rows.map(toRecordVersion);
}

export async function findCurrentRecord(
  queryable: Queryable,
  key: { personId: string; recordType: string; custodian: string },
): Promise<RecordVersion | undefined> {
  const {
    rows: [row],
  } = await queryable.query<RecordRow>(
    `
select ${columns} from record_versions
where person_id = $1::uuid and record_type = $2::text and custodian = $3::text
order by version desc limit 1`,
    [key.personId, key.recordType, key.custodian],
  );
  return row && toRecordVersion(row);
}

/** Named versions, whatever came after them. */
export async function findRecordVersions(
  queryable: Queryable,
  keys: readonly Pick<RecordVersion, 'personId' | 'recordType' | 'custodian' | 'version'>[],
): Promise<readonly RecordVersion[]> {
  if (keys.length === 0) return [];
  const { rows } = await queryable.query<RecordRow>(
    {
      name: 'record-versions-by-key',
      text: `
select ${columns} from unnest($1::uuid[], $2::text[], $3::text[], $4::int[])
  as k (person_id, record_type, custodian, version)
join record_versions using (person_id, record_type, custodian, version)`,
    },
    [
      keys.map(({ personId }) => personId),
      keys.map(({ recordType }) => recordType),
      keys.map(({ custodian }) => custodian),
      keys.map(({ version }) => version),
    ],
  );
  return rows.map(toRecordVersion);
}

export async function insertRecordVersion(
  queryable: Queryable,
  record: RecordVersion,
  publishedAt: Date,
): Promise<void> {
  await queryable.query(
    `
insert into record_versions (${columns}, published_at)
values ($1::uuid, $2::text, $3::text, $4::int, $5::text, $6::text, $7::text, $8::text, $9::jsonb, $10::text,
        $11::timestamptz)`,
    [
      record.personId,
      record.recordType,
      record.custodian,
      record.version,
      record.schema,
      record.asAt,
      record.digest,
      record.sections,
      JSON.stringify(record.outline),
      record.retractionReason,
      publishedAt,
    ],
  );
}
