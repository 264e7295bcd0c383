/** The statements of the naive server: one joined read and one insert for each request. */
import type { FactEntry } from '../../src/clients/person-facts.ts';
import type { ConsentDocument } from '../../src/consent/consent-record.ts';
import type { Queryable } from '../../src/database/queryable.ts';
import type { OutlinedSection } from '../../src/records/record-store.ts';

export interface NaiveRow {
  client: string;
  organisation: string;
  person_id: string;
  traced_at: Date | null;
  relationship: string | null;
  state_version: number;
  birth_date: string;
  facts: readonly FactEntry[] | null;
  consents: readonly { id: string; version: number; document: ConsentDocument }[] | null;
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

const joinedRead = {
  name: 'naive-read',
  text: `
select l.client, l.organisation, l.person_id, l.traced_at, l.relationship, p.state_version, p.birth_date,
       r.record_type, r.custodian, r.version, r.schema, r.as_at, r.digest, r.sections, r.outline, r.retraction_reason,
       (select jsonb_agg(jsonb_build_object('name', f.name, 'value', f.value,
                                            'from', extract(epoch from f.effective_from) * 1000) order by f.id)
        from person_facts f where f.person_id = p.id) as facts,
       (select jsonb_agg(jsonb_build_object('id', c.id, 'version', c.version, 'document', c.document))
        from consents c
        where c.person_id = p.id
          and not exists (select from consents n where n.id = c.id and n.version > c.version)) as consents
from client_links l
join persons p on p.id = l.person_id
join lateral (
  select * from record_versions v where v.person_id = p.id and v.record_type = $2::text
  order by version desc limit 1
) r on true
where l.client = $1::text`,
};

export async function findNaiveRow(
  queryable: Queryable,
  client: string,
  recordType: string,
): Promise<NaiveRow | undefined> {
  const { rows } = await queryable.query<NaiveRow>(joinedRead, [client, recordType]);
  return rows[0];
}

/** As many columns and indexes as the ledger has for an event. */
export async function createAuditTable(queryable: Queryable): Promise<void> {
  await queryable.query(`
create table naive_audit (
  index bigint generated always as identity primary key,
  at timestamptz not null,
  action text not null,
  outcome text not null,
  organisation text,
  person_id uuid,
  record_type text,
  leaf_hash bytea not null,
  commitment_key bytea not null,
  payload text not null
);
create index naive_audit_person on naive_audit (person_id, index);
create index naive_audit_at on naive_audit using brin (at);
grant select, insert on naive_audit to jetway_gateway`);
}

const auditInsert = {
  name: 'naive-audit',
  text: `
insert into naive_audit (at, action, outcome, organisation, person_id, record_type, leaf_hash, commitment_key, payload)
values ($1::timestamptz, $2::text, $3::text, $4::text, $5::uuid, $6::text, $7::bytea, $8::bytea, $9::text)
returning index`,
};

/** A transaction of its own: committed, with fsync, when it returns. */
export async function insertAudit(
  queryable: Queryable,
  values: readonly unknown[],
): Promise<number> {
  const { rows } = await queryable.query<{ index: number }>(auditInsert, values);
  return rows[0]?.index ?? 0;
}
