/**
 * What became of deliveries, written: their new states, receipts with the entries that say so, the one report that a
 * sender gets of what ended undelivered (a coded non-delivery report, as NHS MESH has it), and the next of each line.
 * Everything that ends a delivery goes through here, so nothing that waits behind one is forgotten.
 */
import type { Queryable } from '../database/queryable.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { type DeliveryProgress, isOpen } from '../deliveries/delivery-state.ts';
import { type Accepted, enqueue } from '../deliveries/enqueue.ts';
import { promoteFirst, updateProgress } from '../deliveries/outbox-store.ts';
import {
  type DeliveryReceipt,
  insertReceipts,
  type ReceiptName,
} from '../deliveries/receipt-store.ts';
import type { LedgerEvent } from '../ledger/ledger-event.ts';
import type { Moment } from '../ledger/work.ts';
import type { Register } from '../participants/register.ts';
import { channelOf } from './channel.ts';
import type { Exchange } from './exchange.ts';

/**
 * `REFUSED`: the decision at the moment of sending said no. `REJECTED`: the recipient does not take it.
 * `EXPIRED`: it could not be brought to the recipient, or was not fetched, in time.
 */
export type UndeliveredCode = 'REFUSED' | 'REJECTED' | 'EXPIRED';

export interface Turn {
  delivery: Delivery;
  /** Undefined where it stays as it was. */
  progress: DeliveryProgress | undefined;
  /** A code: what it failed of. */
  failure?: string | undefined;
  /** The entry that it leaves. Without one, what is said here of it is covered by the entry of the request. */
  event?: LedgerEvent | undefined;
  receipt?: ReceiptName | undefined;
  /** `reason` is a code too: the decision's, the answer's, or the last failure. */
  undelivered?: { code: UndeliveredCode; reason: string } | undefined;
}

/**
 * The entries, in the order of the turns. Requires the head's lock; the first entry will have `moment.index`. Of
 * several turns of one delivery the last one's state stands.
 */
export async function applyTurns(
  exchange: Pick<Exchange, 'deliveries'>,
  tx: Queryable,
  { at, log, index }: Pick<Moment, 'at' | 'log' | 'index'>,
  register: Register,
  turns: readonly Turn[],
): Promise<readonly LedgerEvent[]> {
  const changes = turns.flatMap(({ delivery: { id }, progress, failure }) =>
    progress ? [[id, { id, progress, failure }] as const] : [],
  );
  await updateProgress(tx, [...new Map(changes).values()]);
  const events: LedgerEvent[] = [];
  const receipts: DeliveryReceipt[] = [];
  const reports: Accepted[] = [];
  for (const turn of turns) {
    const own = index + events.length;
    if (turn.event) events.push(turn.event);
    receipts.push(...receiptsOf(turn, { at, log, index: own }));
    reports.push(...reportOf(turn, register, own));
  }
  await insertReceipts(tx, receipts);
  await enqueue(tx, reports, { at, log, lifeMs: exchange.deliveries.lifeMs });
  const lines = turns.flatMap(({ delivery, progress }) =>
    progress && !isOpen(progress) && delivery.channel === 'push' ? [delivery] : [],
  );
  if (lines.length > 0) await promoteFirst(tx, lines, new Date(at));
  return events;
}

function receiptsOf(
  { delivery: { id: deliveryId }, receipt, undelivered }: Turn,
  entry: Pick<DeliveryReceipt, 'at' | 'log' | 'index'>,
): DeliveryReceipt[] {
  return [
    ...(receipt ? [{ deliveryId, receipt, ...entry, particulars: null }] : []),
    ...(undelivered
      ? [{ deliveryId, receipt: 'undelivered' as const, ...entry, particulars: undelivered }]
      : []),
  ];
}

/** A report has no report of its own. */
function reportOf({ delivery, undelivered }: Turn, register: Register, index: number): Accepted[] {
  const { id, kind, personId, sender, type, recipient, messageId, version } = delivery;
  if (sender === null || !undelivered) return [];
  const about = { delivery: id, kind, type, recipient, message: messageId, version };
  const recipients = [{ odsCode: sender, channel: channelOf(register, sender, type) }];
  const content = { about, ...undelivered };
  const dispatch = { kind: 'report' as const, personId, sender: null, type, recipients };
  return [{ index, dispatch: { ...dispatch, about: id, content } }];
}
