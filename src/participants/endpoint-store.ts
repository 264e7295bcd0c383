/** Endpoints in the register: one for each participant that takes pushes. */
import type { Queryable } from '../database/queryable.ts';
import { type Endpoint, parseAnchors } from './endpoint.ts';

interface EndpointRow {
  ods_code: string;
  url: string;
  anchors: string;
  record_types: string[] | null;
}

export async function loadEndpoints(queryable: Queryable): Promise<ReadonlyMap<string, Endpoint>> {
  const { rows } = await queryable.query<EndpointRow>(
    'select ods_code, url, anchors, record_types from endpoints order by ods_code',
  );
  return new Map(
    rows.map((row) => [
      row.ods_code,
      {
        odsCode: row.ods_code,
        url: row.url,
        anchors: parseAnchors(row.anchors),
        recordTypes: row.record_types === null ? undefined : new Set(row.record_types),
      },
    ]),
  );
}

/** In the place of the one that there was. */
export async function upsertEndpoint(
  queryable: Queryable,
  endpoint: Endpoint,
  at: Date,
): Promise<void> {
  await queryable.query(
    `
insert into endpoints (ods_code, url, anchors, record_types, set_at)
values ($1::text, $2::text, $3::text, $4::text[], $5::timestamptz)
on conflict (ods_code) do update
set url = excluded.url, anchors = excluded.anchors, record_types = excluded.record_types, set_at = excluded.set_at`,
    [
      endpoint.odsCode,
      endpoint.url,
      endpoint.anchors.join('\n'),
      endpoint.recordTypes === undefined ? null : [...endpoint.recordTypes].sort(),
      at,
    ],
  );
}

/** Answers whether there was one. */
export async function deleteEndpoint(queryable: Queryable, odsCode: string): Promise<boolean> {
  const { rowCount } = await queryable.query('delete from endpoints where ods_code = $1::text', [
    odsCode,
  ]);
  return rowCount === 1;
}
