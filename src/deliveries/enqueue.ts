/**
 * Into the outbox, in the transaction that accepts what is sent: a row for each recipient, all under one sequence
 * number of their sender's and person's.
 */
import { randomUUID } from 'node:crypto';
import type { Queryable } from '../database/queryable.ts';
import type { Dispatch } from './delivery.ts';
import { insertDeliveries, type NewDelivery, promoteFirst, takeSequences } from './outbox-store.ts';
import { insertReceipts } from './receipt-store.ts';

export interface Acceptance {
  /** Epoch milliseconds, the ledger's time. */
  at: number;
  log: number;
  /** How long the gateway tries. */
  lifeMs: number;
}

/** A dispatch, and the index of the entry that accepts it. */
export interface Accepted {
  dispatch: Dispatch;
  index: number;
}

/** What was put into the outbox, in the order of the dispatches. */
export async function enqueue(
  tx: Queryable,
  accepted: readonly Accepted[],
  { at, log, lifeMs }: Acceptance,
): Promise<readonly NewDelivery[]> {
  const sent = accepted.filter(({ dispatch }) => dispatch.recipients.length > 0);
  if (sent.length === 0) return [];
  const sequences = await takeSequences(
    tx,
    log,
    sent.map(({ dispatch }) => dispatch),
  );
  const rows = sent.flatMap(({ dispatch, index }, i) =>
    dispatch.recipients.map((recipient) => ({
      delivery: newDelivery(dispatch, recipient, sequences[i] ?? 0, at, lifeMs),
      index,
    })),
  );
  const deliveries = rows.map(({ delivery }) => delivery);
  await insertDeliveries(tx, deliveries);
  await insertReceipts(
    tx,
    rows.map(({ delivery, index }) => ({
      ...{ deliveryId: delivery.id, receipt: 'accepted', at, log, index, particulars: null },
    })),
  );
  const pushed = deliveries.filter(({ channel }) => channel === 'push');
  if (pushed.length > 0) await promoteFirst(tx, pushed, new Date(at));
  return deliveries;
}

function newDelivery(
  dispatch: Dispatch,
  { odsCode, channel }: Dispatch['recipients'][number],
  sequence: number,
  at: number,
  lifeMs: number,
): NewDelivery {
  const { kind, personId, sender, type } = dispatch;
  return {
    ...{ id: randomUUID(), kind, personId, sender, recipient: odsCode, type, sequence, channel },
    version: dispatch.version ?? null,
    messageId: dispatch.messageId ?? null,
    about: dispatch.about ?? null,
    content: dispatch.content ?? null,
    ...{ state: 'waiting', attempt: 0, reads: 0, recalled: null, dueAt: null, lastFailure: null },
    acceptedAt: at,
    expiresAt: at + lifeMs,
  };
}
