/**
 * Reading what waits in an inbox, and acknowledging it. Reading is a disclosure like any other, decided at that moment.
 * What nobody of the organisation may have any more ends there, and its sender is told; what this reader may not have
 * waits for another.
 */

import type { Delivery } from '../deliveries/delivery.ts';
import { isOpen, nextProgress } from '../deliveries/delivery-state.ts';
import { findDeliveries } from '../deliveries/due-store.ts';
import { countRead } from '../deliveries/outbox-store.ts';
import { formatContentDigest } from '../encoding/content-digest.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { type LedgerEvent, ledgerEvent } from '../ledger/ledger-event.ts';
import { authorisationLifeMs } from '../ledger/work.ts';
import { applyTurns } from './apply-turns.ts';
import type { RequestContext } from './caller.ts';
import { considerDelivery, considerWaiting } from './considered-delivery.ts';
import { decidedEvent } from './decided-event.ts';
import { deliveryEvent } from './delivery-event.ts';
import { type DeliveryPayload, noticePayload, releasedPayload } from './delivery-payload.ts';
import { deliveredDigest } from './dossier-digest.ts';
import type { Exchange } from './exchange.ts';
import { notFound } from './own-client.ts';
import { performReading } from './perform-reading.ts';
import { type Effect, performWrite, type WriteScope } from './perform-write.ts';
import { isDecided, readForDeliveries } from './read-for-deliveries.ts';
import type { Idempotency, Receipt } from './receipt.ts';
import { linkDigest } from './state-digest.ts';

export interface ReadDelivery {
  /** JSON text. */
  body: string;
  ledgerIndex: number;
  /** Monotonic clock: after this the authorisation is dead and nothing may leave on it. */
  goodUntilMs: number;
  /** What the ledger says of it: for the second entry where the answer does not leave. */
  event: LedgerEvent;
}

/** Throws what a pull would, and DELIVERY_ENDED. */
export function readDelivery(
  exchange: Exchange,
  { context, id }: { context: RequestContext; id: string },
): Promise<ReadDelivery> {
  return performReading(exchange, {
    context,
    action: 'inbox.read',
    async authorise(scope) {
      const delivery = await getReceived(scope, context, id);
      if (!isOpen(delivery)) throw new GatewayError('DELIVERY_ENDED');
      return delivery;
    },
    async effect(scope, delivery, tell) {
      const opened = await openDelivery(exchange, scope, context, delivery);
      if ('error' in opened) return refuse(exchange, scope, delivery, opened);
      const { tx, moment, event, standing } = scope;
      await countRead(tx, id);
      const receipt = delivery.reads === 0 ? ('read' as const) : undefined;
      const turn = { delivery, progress: undefined, receipt };
      await applyTurns(exchange, tx, moment, standing.register, [turn]);
      event.digest = formatContentDigest(opened.text);
      tell({
        body: opened.text,
        ledgerIndex: moment.index,
        goodUntilMs: moment.monotonicMs + authorisationLifeMs,
        event: ledgerEvent({ ...event, action: 'inbox.read', outcome: 'permitted' }),
      });
      return { receipt: { status: 200, body: {} }, outcome: 'permitted' };
    },
  });
}

/** Ends it: the recipient has it. May be repeated. */
export function acknowledgeDelivery(
  exchange: Exchange,
  request: { context: RequestContext; id: string; idempotency: Idempotency },
): Promise<Receipt> {
  const { context, id, idempotency } = request;
  return performWrite(exchange, {
    context,
    action: 'inbox.acknowledged',
    idempotency,
    async authorise(scope) {
      const delivery = await getReceived(scope, context, id);
      if (isOpen(delivery) && delivery.reads === 0) {
        throw new GatewayError('DELIVERY_STATE_CONFLICT', {
          detail: 'Read it before you acknowledge it: afterwards it is not given again.',
        });
      }
      if (!isOpen(delivery) && delivery.state !== 'delivered') {
        throw new GatewayError('DELIVERY_ENDED');
      }
      return delivery;
    },
    async effect({ tx, moment, event, standing }, delivery) {
      const progress = nextProgress(delivery, { kind: 'delivered' }, moment.at);
      const turn = { delivery, progress, receipt: progress && ('delivered' as const) };
      await applyTurns(exchange, tx, moment, standing.register, [turn]);
      if (!progress) event.particulars = { ...event.particulars, repeated: true };
      return { receipt: { status: 200, body: { delivery: id, state: 'delivered' } } };
    },
  });
}

/** In the caller's own inbox. Somebody else's and none at all are one answer. */
async function getReceived(
  scope: WriteScope,
  { caller }: RequestContext,
  id: string,
): Promise<Delivery> {
  const delivery = (await findDeliveries(scope.tx, [id])).get(id);
  if (!delivery || delivery.recipient !== caller.odsCode || delivery.channel !== 'inbox') {
    throw notFound('DELIVERY_UNKNOWN');
  }
  Object.assign(scope.event, deliveryEvent(delivery, { channel: 'inbox' }));
  return delivery;
}

interface RefusedReading {
  error: GatewayError;
  /** Whether somebody else of the organisation might have it, or the same one after a new trace. */
  isForAnother: boolean;
}

async function openDelivery(
  exchange: Exchange,
  { tx, moment, event }: WriteScope,
  { caller }: RequestContext,
  delivery: Delivery,
): Promise<DeliveryPayload | RefusedReading> {
  const read = await readForDeliveries(exchange, tx, moment, [delivery]);
  if (!isDecided(delivery)) {
    const link = read.linkOf(delivery);
    event.reasonCodes = ['NOTICE'];
    event.particulars = { ...event.particulars, link: linkDigest(link) };
    return noticePayload(delivery, link.client);
  }
  const subject = read.subjectOf(delivery, caller);
  const verdict = considerDelivery(subject);
  if (verdict.decided) Object.assign(event, decidedEvent(verdict.decided, subject));
  if (verdict.kind === 'granted') {
    event.particulars = { ...event.particulars, content: deliveredDigest(subject.content) };
    return releasedPayload(exchange.macKey, delivery, subject, verdict);
  }
  const isForAnother = considerWaiting(subject, delivery.channel).kind === 'granted';
  return { error: verdict.error, isForAnother };
}

async function refuse(
  exchange: Exchange,
  { tx, moment, standing }: WriteScope,
  delivery: Delivery,
  { error, isForAnother }: RefusedReading,
): Promise<Effect> {
  if (isForAnother) throw error;
  const { code: reason } = error;
  const progress = nextProgress(delivery, { kind: 'refused' }, moment.at);
  const undelivered = { code: 'REFUSED' as const, reason };
  const turn = { delivery, progress, failure: reason, undelivered };
  await applyTurns(exchange, tx, moment, standing.register, [turn]);
  return { receipt: { status: 200, body: {} }, refused: error, hasEnqueued: true };
}
