/** Receipts of requests that happened, inserted with their effect. */
import type { Queryable } from '../database/queryable.ts';
import type { Idempotency, Receipt } from './receipt.ts';

/** Of those that were given after `since`. */
export async function findReceipt(
  queryable: Queryable,
  organisation: string,
  { route, key }: Idempotency,
  since: Date,
): Promise<{ bodyMac: string; receipt: Receipt } | undefined> {
  const {
    rows: [row],
  } = await queryable.query<{ body_mac: string; reply: Receipt }>(
    {
      name: 'receipt-find',
      text: `
select body_mac, reply from idempotency_keys
where organisation = $1::text and route = $2::text and key = $3::text and at > $4::timestamptz`,
    },
    [organisation, route, key, since],
  );
  return row && { bodyMac: row.body_mac, receipt: row.reply };
}

/** In the place of one that is too old to count. */
export async function insertReceipt(
  queryable: Queryable,
  organisation: string,
  { route, key, bodyMac }: Idempotency,
  receipt: Receipt,
  at: Date,
): Promise<void> {
  await queryable.query(
    {
      name: 'receipt-insert',
      text: `
insert into idempotency_keys (organisation, route, key, body_mac, reply, at)
values ($1::text, $2::text, $3::text, $4::text, $5::jsonb, $6::timestamptz)
on conflict (organisation, route, key) do update
set body_mac = excluded.body_mac, reply = excluded.reply, at = excluded.at`,
    },
    [organisation, route, key, bodyMac, JSON.stringify(receipt), at],
  );
}

/** How many were deleted: at most `limit`. */
export async function deleteReceiptsBefore(
  queryable: Queryable,
  before: Date,
  limit: number,
): Promise<number> {
  const { rowCount } = await queryable.query(
    `
delete from idempotency_keys where ctid = any(array(
  select ctid from idempotency_keys where at < $1::timestamptz limit $2::int))`,
    [before, limit],
  );
  return rowCount;
}
