/**
 * Settling attempts: what came of each goes into the ledger, and decides whether there is another. An outcome
 * counts for the attempt that it names, so that one which comes late, from a node that was frozen, undoes
 * nothing of what another node did meanwhile.
 */
import { backOffMs, deliveryBackOff } from '../deliveries/back-off.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { type DeliveryStep, nextProgress } from '../deliveries/delivery-state.ts';
import { findDeliveries } from '../deliveries/due-store.ts';
import { ledgerEvent } from '../ledger/ledger-event.ts';
import { applyTurns, type Turn } from './apply-turns.ts';
import { deliveryEvent } from './delivery-event.ts';
import type { Exchange } from './exchange.ts';

export interface Settlement {
  deliveryId: string;
  attempt: number;
  /** The entry that authorised it. */
  authorisedIndex: number;
  outcome:
    | { kind: 'delivered' }
    /** The recipient will not have it. */
    | { kind: 'rejected'; code: string }
    /** It may be tried again. */
    | { kind: 'failed'; code: string; afterMs?: number };
}

export function deliverySettler(exchange: Exchange): (settlement: Settlement) => Promise<void> {
  return exchange.ledger.batch<Settlement, void>(async (tx, moment, settlements) => {
    const ids = settlements.map(({ deliveryId }) => deliveryId);
    const held = new Map(await findDeliveries(tx, ids));
    const turns = settlements.map((settlement): Turn | undefined => {
      const delivery = held.get(settlement.deliveryId);
      // the database may have been restored to a time before there was such a delivery
      if (!delivery) return undefined;
      const turn = turnOf(delivery, settlement, moment.at);
      held.set(delivery.id, { ...delivery, ...turn.progress });
      return turn;
    });
    const { register } = await exchange.readStanding(tx, moment);
    const known = turns.flatMap((turn) => turn ?? []);
    await applyTurns(exchange, tx, moment, register, known);
    return turns.map((turn) => ({
      events: turn?.event ? [turn.event] : [],
      answer: () => undefined,
    }));
  });
}

function turnOf(delivery: Delivery, settlement: Settlement, at: number): Turn {
  const { attempt, authorisedIndex, outcome } = settlement;
  const progress = nextProgress(delivery, stepOf(settlement), at);
  const failure = outcome.kind === 'delivered' ? undefined : outcome.code;
  const { state } = progress ?? delivery;
  const isRejected = progress?.state === 'rejected' && failure !== undefined;
  return {
    ...{ delivery, progress, failure },
    receipt: progress?.state === 'delivered' ? 'delivered' : undefined,
    undelivered: isRejected ? { code: 'REJECTED', reason: failure } : undefined,
    event: ledgerEvent({
      ...deliveryEvent(delivery, { attempt, authorisedIndex, state }),
      action: 'delivery.settled',
      outcome: failure === undefined ? 'done' : 'failed',
      reasonCodes: failure === undefined ? [] : [failure],
    }),
  };
}

function stepOf({ attempt, outcome }: Settlement): DeliveryStep {
  switch (outcome.kind) {
    case 'delivered':
      return { kind: 'delivered' };
    case 'rejected':
      return { kind: 'rejected', attempt };
    case 'failed': {
      const afterMs = backOffMs(deliveryBackOff, attempt, Math.random(), outcome.afterMs);
      return { kind: 'failed', attempt, afterMs };
    }
  }
}
