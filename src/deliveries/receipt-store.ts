/** What became known of deliveries, each with the entry of the ledger that says so. Added to, never changed. */
import type { Queryable } from '../database/queryable.ts';
import type { JsonObject } from '../ledger/ledger-event.ts';

/**
 * `accepted` by the gateway; `delivered` to its recipient; `read` there; `answered`, accepted or rejected, and
 * `acted-on` by it; `undelivered` for good.
 */
export type ReceiptName =
  | 'accepted'
  | 'delivered'
  | 'read'
  | 'answered'
  | 'acted-on'
  | 'undelivered';

export interface DeliveryReceipt {
  deliveryId: string;
  receipt: ReceiptName;
  /** Epoch milliseconds. */
  at: number;
  log: number;
  index: number;
  particulars: JsonObject | null;
}

interface ReceiptRow {
  delivery_id: string;
  receipt: ReceiptName;
  at: Date;
  log: number;
  index: number;
  particulars: JsonObject | null;
}

export async function insertReceipts(
  queryable: Queryable,
  receipts: readonly DeliveryReceipt[],
): Promise<void> {
  if (receipts.length === 0) return;
  await queryable.query(
    {
      name: 'delivery-receipts-insert',
      text: `
insert into delivery_receipts (delivery_id, receipt, at, log, index, particulars)
select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::int[], $5::bigint[], $6::jsonb[])`,
    },
    [
      receipts.map((r) => r.deliveryId),
      receipts.map((r) => r.receipt),
      receipts.map((r) => new Date(r.at)),
      receipts.map((r) => r.log),
      receipts.map((r) => r.index),
      receipts.map((r) => (r.particulars === null ? null : JSON.stringify(r.particulars))),
    ],
  );
}

/** In the order in which they came. */
export async function findReceipts(
  queryable: Queryable,
  deliveryIds: readonly string[],
): Promise<readonly DeliveryReceipt[]> {
  const { rows } = await queryable.query<ReceiptRow>(
    `
select delivery_id, receipt, at, log, index, particulars from delivery_receipts
where delivery_id = any($1::uuid[]) order by log, index`,
    [deliveryIds],
  );
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    receipt: row.receipt,
    at: row.at.getTime(),
    log: row.log,
    index: row.index,
    particulars: row.particulars,
  }));
}
