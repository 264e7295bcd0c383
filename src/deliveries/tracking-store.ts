/** What became of what an organisation sent, newest first. */
import type { Queryable } from '../database/queryable.ts';
import type { Delivery, DeliveryKind } from './delivery.ts';
import { type DeliveryRow, deliveryColumns, toDelivery } from './delivery-row.ts';
import type { DeliveryState } from './delivery-state.ts';

export interface DeliveryFilter {
  /** Undefined: whoever sent it. */
  sender?: string | undefined;
  recipient?: string | undefined;
  kind?: DeliveryKind | undefined;
  state?: DeliveryState | undefined;
  type?: string | undefined;
  personId?: string | undefined;
  from?: Date | undefined;
  /** Exclusive. */
  until?: Date | undefined;
}

export interface DeliveryPage {
  limit: number;
  /** Only what stands before this position: the last of the page before. */
  before?: number | undefined;
}

/** Unnamed on purpose: planned with its values, so that filters not given cost nothing. */
export async function searchDeliveries(
  queryable: Queryable,
  filter: DeliveryFilter,
  page: DeliveryPage,
): Promise<readonly Delivery[]> {
  const { rows } = await queryable.query<DeliveryRow>(
    `
select ${deliveryColumns} from deliveries d
where ($1::text is null or d.sender = $1::text)
  and ($2::text is null or d.recipient = $2::text)
  and ($3::text is null or d.kind = $3::text)
  and ($4::text is null or d.state = $4::text)
  and ($5::text is null or d.type = $5::text)
  and ($6::uuid is null or d.person_id = $6::uuid)
  and ($7::timestamptz is null or d.accepted_at >= $7::timestamptz)
  and ($8::timestamptz is null or d.accepted_at < $8::timestamptz)
  and ($9::bigint is null or d.position < $9::bigint)
order by d.position desc limit $10::int`,
    [
      filter.sender ?? null,
      filter.recipient ?? null,
      filter.kind ?? null,
      filter.state ?? null,
      filter.type ?? null,
      filter.personId ?? null,
      filter.from ?? null,
      filter.until ?? null,
      page.before ?? null,
      page.limit,
    ],
  );
  return rows.map(toDelivery);
}
