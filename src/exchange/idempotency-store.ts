/** Receipts of requests that happened, kept for 24 hours and inserted with their effect. */
import type { Queryable } from '../database/queryable.ts';
import type { Idempotency, Receipt } from './receipt.ts';

export async function findReceipt(
  queryable: Queryable,
  organisation: string,
  { route, key }: Idempotency,
): Promise<{ bodyMac: string; receipt: Receipt } | undefined> {
  const {
    rows: [row],
  } = await queryable.query<{ body_mac: string; reply: Receipt }>(
    {
      name: 'receipt-find',
      text: `
select body_mac, reply from idempotency_keys
where organisation = $1::text and route = $2::text and key = $3::text`,
    },
    [organisation, route, key],
  );
  return row && { bodyMac: row.body_mac, receipt: row.reply };
}

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
values ($1::text, $2::text, $3::text, $4::text, $5::jsonb, $6::timestamptz)`,
    },
    [organisation, route, key, bodyMac, JSON.stringify(receipt), at],
  );
}

export async function deleteReceiptsBefore(queryable: Queryable, before: Date): Promise<void> {
  await queryable.query(
    `
delete from idempotency_keys where ctid = any(array(
  select ctid from idempotency_keys where at < $1::timestamptz limit 1000))`,
    [before],
  );
}
