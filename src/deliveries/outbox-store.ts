/** Writing the outbox. Every statement requires the ledger's head to be locked, which orders them. */
import type { Queryable } from '../database/queryable.ts';
import type { Delivery } from './delivery.ts';
import { type DeliveryRow, deliveryColumns, toDelivery } from './delivery-row.ts';
import type { DeliveryProgress } from './delivery-state.ts';

/** The gateway's own place among senders; no ODS code is written like it. */
const gateway = 'gateway';

export interface SequenceNeed {
  personId: string;
  sender: string | null;
}

/** More than a log ever numbers: what a recovered log gives stands above all that its predecessor may have given. */
const numbersOfLog = 2 ** 32;

/** The next number for each, in order; several for one sender and person are one after the other. */
export async function takeSequences(
  queryable: Queryable,
  log: number,
  needs: readonly SequenceNeed[],
): Promise<readonly number[]> {
  const senders = needs.map(({ sender }) => sender ?? gateway);
  const { rows } = await queryable.query<{ person_id: string; sender: string; last: number }>(
    {
      name: 'delivery-sequences',
      text: `
insert into delivery_sequences as s (person_id, sender, last)
select person_id, sender, $3::bigint + count(*) from unnest($1::uuid[], $2::text[]) as n (person_id, sender)
group by person_id, sender
on conflict (person_id, sender) do update set last = greatest(s.last, $3::bigint) + excluded.last - $3::bigint
returning s.person_id, s.sender, s.last`,
    },
    [needs.map(({ personId }) => personId), senders, (log - 1) * numbersOfLog],
  );
  const keyOf = (personId: string, sender: string) => `${personId} ${sender}`;
  const next = new Map(rows.map((row) => [keyOf(row.person_id, row.sender), row.last]));
  // counted down from the last, so that the first need gets the lowest
  return needs
    .map(({ personId }, i) => keyOf(personId, senders[i] ?? gateway))
    .toReversed()
    .map((key) => {
      const number = next.get(key) ?? 0;
      next.set(key, number - 1);
      return number;
    })
    .toReversed();
}

export type NewDelivery = Omit<Delivery, 'position'>;

/** In this order: recipients get them in it. */
export async function insertDeliveries(
  queryable: Queryable,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  await queryable.query(
    {
      name: 'deliveries-insert',
      text: `
insert into deliveries (id, kind, person_id, sender, recipient, type, version, message_id, about, content, sequence,
  channel, state, attempt, accepted_at, expires_at)
select id, kind, person_id, sender, recipient, type, version, message_id, about, content, sequence, channel,
  'waiting', 0, accepted_at, expires_at
from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::int[], $8::uuid[], $9::uuid[],
  $10::jsonb[], $11::bigint[], $12::text[], $13::timestamptz[], $14::timestamptz[]) with ordinality
  as n (id, kind, person_id, sender, recipient, type, version, message_id, about, content, sequence, channel,
  accepted_at, expires_at, ordinality)
order by ordinality`,
    },
    [
      deliveries.map((d) => d.id),
      deliveries.map((d) => d.kind),
      deliveries.map((d) => d.personId),
      deliveries.map((d) => d.sender),
      deliveries.map((d) => d.recipient),
      deliveries.map((d) => d.type),
      deliveries.map((d) => d.version),
      deliveries.map((d) => d.messageId),
      deliveries.map((d) => d.about),
      deliveries.map((d) => (d.content === null ? null : JSON.stringify(d.content))),
      deliveries.map((d) => d.sequence),
      deliveries.map((d) => d.channel),
      deliveries.map((d) => new Date(d.acceptedAt)),
      deliveries.map((d) => new Date(d.expiresAt)),
    ],
  );
}

export interface Line {
  recipient: string;
  personId: string;
}

/** The first of each line may be attempted from now on, where it had to wait for another until now. */
export async function promoteFirst(
  queryable: Queryable,
  lines: readonly Line[],
  at: Date,
): Promise<void> {
  await queryable.query(
    {
      name: 'deliveries-promote',
      text: `
update deliveries d set due_at = $3::timestamptz
from (select distinct recipient, person_id from unnest($1::text[], $2::uuid[]) as given (recipient, person_id)) as line
cross join lateral (
  select o.id from deliveries o
  where o.recipient = line.recipient and o.person_id = line.person_id and o.state in ('waiting', 'authorised')
    and o.channel = 'push'
  order by o.position limit 1
) first
where d.id = first.id and d.due_at is null`,
    },
    [lines.map(({ recipient }) => recipient), lines.map(({ personId }) => personId), at],
  );
}

export interface Progressed {
  id: string;
  progress: DeliveryProgress;
  /** A code; undefined leaves the one before. */
  failure?: string | undefined;
}

export async function updateProgress(
  queryable: Queryable,
  changes: readonly Progressed[],
): Promise<void> {
  if (changes.length === 0) return;
  const instant = (ms: number | null) => (ms === null ? null : new Date(ms));
  await queryable.query(
    {
      name: 'deliveries-progress',
      text: `
update deliveries d set state = n.state, attempt = n.attempt, recalled = n.recalled, due_at = n.due_at,
  expires_at = n.expires_at, 
  last_failure = case when n.state = 'delivered' then null else coalesce(n.failure, d.last_failure) end
from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[])
  as n (id, state, attempt, recalled, due_at, expires_at, failure)
where d.id = n.id`,
    },
    [
      changes.map(({ id }) => id),
      changes.map(({ progress }) => progress.state),
      changes.map(({ progress }) => progress.attempt),
      changes.map(({ progress }) => progress.recalled),
      changes.map(({ progress }) => instant(progress.dueAt)),
      changes.map(({ progress }) => instant(progress.expiresAt)),
      changes.map(({ failure }) => failure ?? null),
    ],
  );
}

export async function countRead(queryable: Queryable, id: string): Promise<void> {
  await queryable.query('update deliveries set reads = reads + 1 where id = $1::uuid', [id]);
}

/** Open ones of the record for these recipients. */
export async function findOpenOfRecord(
  queryable: Queryable,
  record: { personId: string; type: string; sender: string },
  recipients: readonly string[],
): Promise<readonly Delivery[]> {
  const { rows } = await queryable.query<DeliveryRow>(
    {
      name: 'deliveries-open-of-record',
      text: `
select ${deliveryColumns} from deliveries d
where d.person_id = $1::uuid and d.recipient = any($4::text[]) and d.state in ('waiting', 'authorised')
  and d.type = $2::text and d.sender = $3::text and d.kind = 'record'`,
    },
    [record.personId, record.type, record.sender, recipients],
  );
  return rows.map(toDelivery);
}

/** To whom the record was ever to go, and whether it may be there: an attempt may have reached them, or a reading. */
export async function findRecipients(
  queryable: Queryable,
  record: { personId: string; type: string; sender: string },
): Promise<readonly { recipient: string; mayHaveIt: boolean }[]> {
  const { rows } = await queryable.query<{ recipient: string; mayHaveIt: boolean }>(
    `
select recipient, bool_or(attempt > 0 or reads > 0) as "mayHaveIt" from deliveries
where person_id = $1::uuid and type = $2::text and sender = $3::text and kind = 'record'
group by recipient order by recipient`,
    [record.personId, record.type, record.sender],
  );
  return rows;
}
