/** Finding deliveries that something has to be done about. */
import type { Queryable } from '../database/queryable.ts';
import type { Delivery } from './delivery.ts';
import { type DeliveryRow, deliveryColumns, toDelivery } from './delivery-row.ts';
import type { Line } from './outbox-store.ts';
import type { Review } from './review-store.ts';

export interface DueCount {
  recipient: string;
  /** `most` where there are as many or more. */
  count: number;
}

/** How many are due for each of the recipients, counted up to `most`, by the ledger's time. Without a lock: a hint. */
export async function findDueRecipients(
  queryable: Queryable,
  recipients: readonly string[],
  at: Date,
  most: number,
): Promise<readonly DueCount[]> {
  const { rows } = await queryable.query<DueCount>(
    {
      name: 'deliveries-due-recipients',
      text: `
select recipient, count::int from unnest($1::text[]) as r (recipient)
cross join lateral (
  select count(*) from (
    select from deliveries d where d.recipient = r.recipient
      and d.due_at <= greatest($2::timestamptz, (select at from ledger_head)) limit $3::int
  ) due
) counted
where count > 0`,
    },
    [recipients, at, most],
  );
  return rows;
}

/** So many that are due for each recipient, the longest due first. Requires the head's lock. */
export async function findDue(
  queryable: Queryable,
  slots: ReadonlyMap<string, number>,
  at: Date,
): Promise<readonly Delivery[]> {
  const { rows } = await queryable.query<DeliveryRow>(
    {
      name: 'deliveries-due',
      text: `
select ${deliveryColumns} from unnest($1::text[], $2::int[]) as slot (recipient, free)
cross join lateral (
  select o.* from deliveries o
  join endpoints e on e.ods_code = o.recipient and (e.record_types is null or o.type = any(e.record_types))
  where o.recipient = slot.recipient and o.due_at <= $3::timestamptz
  order by o.due_at limit slot.free
) d`,
    },
    [[...slots.keys()], [...slots.values()], at],
  );
  return rows.map(toDelivery);
}

export async function findDeliveries(
  queryable: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Delivery>> {
  const { rows } = await queryable.query<DeliveryRow>(
    {
      name: 'deliveries-by-id',
      text: `select ${deliveryColumns} from deliveries d where d.id = any($1::uuid[])`,
    },
    [ids],
  );
  return new Map(rows.map((row) => [row.id, toDelivery(row)]));
}

/** Whether anything is over, by the ledger's time. Without a lock: a hint. */
export async function isAnyExpired(queryable: Queryable, at: Date): Promise<boolean> {
  const { rows } = await queryable.query(
    `
select from deliveries d cross join lateral (select greatest($1::timestamptz, h.at) as now from ledger_head h) clock
where d.expires_at <= clock.now and d.state in ('waiting', 'authorised')
  and (d.state = 'waiting' or d.due_at <= clock.now)
order by d.expires_at limit 1`,
    [at],
  );
  return rows.length > 0;
}

/** Open ones whose time is over, and no attempt of which is under way. Requires the head's lock. */
export async function findExpired(
  queryable: Queryable,
  at: Date,
  limit: number,
): Promise<readonly Delivery[]> {
  const { rows } = await queryable.query<DeliveryRow>(
    `
select ${deliveryColumns} from deliveries d
where d.expires_at <= $1::timestamptz and d.state in ('waiting', 'authorised')
  and (d.state = 'waiting' or d.due_at <= $1::timestamptz)
order by d.expires_at limit $2::int`,
    [at, limit],
  );
  return rows.map(toDelivery);
}

/** Of a person, those that wait with content that a decision opens, from behind a position on. */
export async function findWaitingOfPerson(
  queryable: Queryable,
  { personId, position }: Review,
  limit: number,
): Promise<readonly Delivery[]> {
  const { rows } = await queryable.query<DeliveryRow>(
    `
select ${deliveryColumns} from deliveries d
where d.person_id = $1::uuid and d.position > $2::bigint and d.state = 'waiting' and d.kind in ('record', 'message')
order by d.position limit $3::int`,
    [personId, position, limit],
  );
  return rows.map(toDelivery);
}

/**
 * Pushes that no endpoint takes any more, and no attempt of which is under way. `$1` is the time. From the
 * participants' side: of those whose endpoint takes everything, which is most, nothing has to be read.
 */
const orphans = `participants p left join endpoints e on e.ods_code = p.ods_code
  join deliveries d on d.recipient = p.ods_code and d.channel = 'push' and d.recalled is null
    and (d.state = 'waiting' or d.state = 'authorised' and d.due_at <= $1::timestamptz)
    and (e.ods_code is null or d.type <> all (e.record_types))
  where e.ods_code is null or e.record_types is not null`;

/** Whether there is any. Without a lock: a hint. */
export async function isAnyOrphaned(queryable: Queryable, at: Date): Promise<boolean> {
  const { rows } = await queryable.query(`select from ${orphans} limit 1`, [at]);
  return rows.length > 0;
}

/** To the inboxes with them: at most `limit`. Answers the lines that they stood in. Requires the head's lock. */
export async function moveOrphans(
  queryable: Queryable,
  at: Date,
  limit: number,
): Promise<readonly Line[]> {
  const { rows } = await queryable.query<Line>(
    `
with moved as (
  update deliveries set channel = 'inbox', state = 'waiting', due_at = null, last_failure = null
  where id = any(array(
    select d.id from ${orphans} limit $2::int
  ))
  returning recipient, person_id
)
select distinct recipient, person_id as "personId" from moved`,
    [at, limit],
  );
  return rows;
}
