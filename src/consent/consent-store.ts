/** Consent records: every change is a new version of the row, the newest counts. */
import type { Queryable } from '../database/queryable.ts';
import type { ConsentDocument } from './consent-record.ts';

export interface StoredConsent {
  id: string;
  version: number;
  personId: string;
  document: ConsentDocument;
  recordedBy: string;
  recordedAt: Date;
}

interface ConsentRow {
  id: string;
  version: number;
  person_id: string;
  document: ConsentDocument;
  recorded_by: string;
  recorded_at: Date;
}

const columns = 'id, version, person_id, document, recorded_by, recorded_at';

function toConsent(row: ConsentRow): StoredConsent {
  return {
    id: row.id,
    version: row.version,
    personId: row.person_id,
    document: row.document,
    recordedBy: row.recorded_by,
    recordedAt: row.recorded_at,
  };
}

/** The newest version of each consent of the people, oldest consent first. */
export async function findConsentsOfPersons(
  queryable: Queryable,
  personIds: readonly string[],
): Promise<readonly StoredConsent[]> {
  const { rows } = await queryable.query<ConsentRow>(
    `
select ${columns} from (
  select distinct on (id) ${columns}, min(recorded_at) over (partition by id) as first_recorded_at
  from consents where person_id = any($1::uuid[]) order by id, version desc
) newest order by first_recorded_at, id`,
    [personIds],
  );
  return rows.map(toConsent);
}

export async function findConsent(
  queryable: Queryable,
  id: string,
): Promise<StoredConsent | undefined> {
  const {
    rows: [row],
  } = await queryable.query<ConsentRow>(
    `select ${columns} from consents where id = $1::uuid order by version desc limit 1`,
    [id],
  );
  return row && toConsent(row);
}

export async function insertConsent(queryable: Queryable, consent: StoredConsent): Promise<void> {
  await queryable.query(
    `
insert into consents (${columns})
values ($1::uuid, $2::int, $3::uuid, $4::jsonb, $5::text, $6::timestamptz)`,
    [
      consent.id,
      consent.version,
      consent.personId,
      JSON.stringify(consent.document),
      consent.recordedBy,
      consent.recordedAt,
    ],
  );
}
