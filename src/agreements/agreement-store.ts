/** Sharing agreements: every roll-out is a new version of the row, the newest counts until it is ended. */
import type { Queryable } from '../database/queryable.ts';
import type { AgreementBook } from './coverage.ts';
import { type AgreementDocument, toSharingAgreement } from './sharing-agreement.ts';

interface AgreementRow {
  id: string;
  version: number;
  document: AgreementDocument;
  ended_at: Date | null;
}

interface AgreementVersion {
  id: string;
  version: number;
  document: AgreementDocument;
  /** When an operator ended it; null for one that runs its time. */
  endedAt: Date | null;
}

const newest = `
select distinct on (id) id, version, document, ended_at from sharing_agreements
order by id, version desc`;

/** The newest version of each, ended ones among them. */
export async function findAgreementVersions(
  queryable: Queryable,
): Promise<readonly AgreementVersion[]> {
  const { rows } = await queryable.query<AgreementRow>(newest);
  return rows.map(({ id, version, document, ended_at }) => ({
    id,
    version,
    document,
    endedAt: ended_at,
  }));
}

/** Those that have not been ended. Read under the head's lock, or after its version. */
export async function loadAgreements(
  queryable: Queryable,
  version: number,
): Promise<AgreementBook> {
  const rows = await findAgreementVersions(queryable);
  return {
    version,
    agreements: rows
      .filter(({ endedAt }) => endedAt === null)
      .map((row) => toSharingAgreement(row.document, row.version)),
  };
}

/** Whether any version of an agreement, of those with the ids where they are given, lets it pull anything. */
export async function wasEverParty(
  queryable: Queryable,
  organisation: string,
  ids?: readonly string[],
): Promise<boolean> {
  const { rows } = await queryable.query(
    `
select from sharing_agreements
where ($2::text[] is null or id = any($2::text[])) and document -> 'parties' @> $1::jsonb limit 1`,
    [JSON.stringify([{ odsCode: organisation, may: ['pull'] }]), ids ?? null],
  );
  return rows.length === 1;
}

export async function insertAgreementVersion(
  queryable: Queryable,
  agreement: { document: AgreementDocument; version: number; at: Date },
): Promise<void> {
  await queryable.query(
    `
insert into sharing_agreements (id, version, document, applied_at)
values ($1::text, $2::int, $3::jsonb, $4::timestamptz)`,
    [agreement.document.id, agreement.version, JSON.stringify(agreement.document), agreement.at],
  );
}

/** Answers whether there was such an agreement still in being. */
export async function endAgreement(queryable: Queryable, id: string, at: Date): Promise<boolean> {
  const { rows } = await queryable.query(
    `
update sharing_agreements set ended_at = $2::timestamptz
where id = $1::text and ended_at is null
  and version = (select max(version) from sharing_agreements where id = $1::text)
returning id`,
    [id, at],
  );
  return rows.length === 1;
}
