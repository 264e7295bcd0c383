/**
 * Deliveries that end, or change their channel, without an attempt: their time is over, their endpoint is gone, or a
 * consent was withdrawn and the decision says no at once, so that the sender is told why and need not wait for the
 * next attempt.
 */
import type { Delivery } from '../deliveries/delivery.ts';
import { nextProgress } from '../deliveries/delivery-state.ts';
import {
  findExpired,
  findWaitingOfPerson,
  isAnyExpired,
  isAnyOrphaned,
  moveOrphans,
} from '../deliveries/due-store.ts';
import { promoteFirst } from '../deliveries/outbox-store.ts';
import { findReview, isAnyReviewed, updateReview } from '../deliveries/review-store.ts';
import { type LedgerEvent, ledgerEvent } from '../ledger/ledger-event.ts';
import { applyTurns, type Turn } from './apply-turns.ts';
import { asEndpoint } from './caller.ts';
import { considerWaiting } from './considered-delivery.ts';
import { decidedEvent } from './decided-event.ts';
import { deliveryEvent } from './delivery-event.ts';
import type { Exchange } from './exchange.ts';
import { type DeliveriesRead, readForDeliveries } from './read-for-deliveries.ts';

/** Of one transaction; what is more waits for the next. */
const chunk = 200;
/** Of deliveries that are decided on anew, which takes longer. */
const reviewed = 25;

/** Those whose time is over, in chunks. */
export async function expireDeliveries(exchange: Exchange): Promise<void> {
  const { ledger, database, clock } = exchange;
  while (await isAnyExpired(database, clock.now())) {
    await ledger.write(async (tx, moment) => {
      const { register } = await exchange.readStanding(tx, moment);
      const over = await findExpired(tx, new Date(moment.at), chunk);
      const turns = over.map((delivery) => expiry(delivery, moment.at));
      const events = await applyTurns(exchange, tx, moment, register, turns);
      return { events, answer: () => exchange.deliveries.onEnqueued() };
    });
  }
}

/** What waits to be pushed where no endpoint takes it any more goes to the inbox, in chunks. */
export async function moveOrphansToInboxes(exchange: Exchange): Promise<void> {
  const { ledger, database, clock } = exchange;
  while (await isAnyOrphaned(database, clock.now())) {
    await ledger.write(async (tx, { at }) => {
      const now = new Date(at);
      const lines = await moveOrphans(tx, now, chunk);
      await promoteFirst(tx, lines, now);
      return { events: [], answer: () => undefined };
    });
  }
}

/** After withdrawals: what nobody will have any more as things stand now, until all that waits was looked at. */
export async function refuseWaiting(exchange: Exchange): Promise<void> {
  while (await refuseSomeWaiting(exchange));
}

/** A piece of it, small enough that the ledger's other business notices little. Tells whether it found something. */
export async function refuseSomeWaiting(exchange: Exchange): Promise<boolean> {
  const { ledger, database, deliveries } = exchange;
  if (!(await isAnyReviewed(database))) return false;
  return ledger.write(async (tx, moment) => {
    const review = await findReview(tx);
    if (!review) return { events: [], answer: () => false };
    const waiting = await findWaitingOfPerson(tx, review, reviewed);
    await updateReview(tx, review, waiting.length < reviewed ? undefined : waiting.at(-1));
    const read = await readForDeliveries(exchange, tx, moment, waiting);
    const turns = waiting.flatMap((delivery) => refusalOf(read, delivery, moment.at) ?? []);
    const events = await applyTurns(exchange, tx, moment, read.standing.register, turns);
    return {
      events,
      answer() {
        if (events.length > 0) deliveries.onEnqueued();
        return true;
      },
    };
  });
}

function refusalOf(read: DeliveriesRead, delivery: Delivery, at: number): Turn | undefined {
  try {
    const subject = read.subjectOf(delivery, asEndpoint(delivery.recipient));
    const verdict = considerWaiting(subject, delivery.channel);
    if (verdict.kind === 'granted') return undefined;
    const { code: reason, reasonCodes } = verdict.error;
    const said = verdict.decided && decidedEvent(verdict.decided, subject);
    const progress = nextProgress(delivery, { kind: 'refused' }, at);
    const event = settledEvent(delivery, { ...said, outcome: 'refused', reasonCodes });
    return { delivery, progress, failure: reason, undelivered: { code: 'REFUSED', reason }, event };
  } catch {
    // a fault of ours in one of them must not stand in the way of the others; its next attempt decides
    return undefined;
  }
}

function expiry(delivery: Delivery, at: number): Turn {
  const progress = nextProgress(delivery, { kind: 'expired' }, at);
  const isFetched = delivery.channel === 'inbox';
  const reason = delivery.lastFailure ?? (isFetched ? 'NOT_FETCHED' : 'NOT_SENT');
  const hasExpired = progress?.state === 'expired';
  return {
    ...{ delivery, progress, failure: reason },
    undelivered: hasExpired ? { code: 'EXPIRED', reason } : undefined,
    event: settledEvent(delivery, { outcome: 'failed', reasonCodes: ['EXPIRED', reason] }),
  };
}

function settledEvent(
  delivery: Delivery,
  said: Partial<LedgerEvent> & Pick<LedgerEvent, 'outcome'>,
): LedgerEvent {
  const { attempt } = delivery;
  return ledgerEvent({
    ...deliveryEvent(delivery, { attempt }),
    ...said,
    action: 'delivery.settled',
  });
}
