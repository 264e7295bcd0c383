/**
 * What a recipient says of what it was sent: that it was read; and of a message, that it is accepted, rejected or
 * done. Answers are codes and a reference of the recipient's own, so they hold nothing of the person. They go
 * back to the sender as deliveries, and the last of them closes the message.
 */
import type { Delivery } from '../deliveries/delivery.ts';
import { isOpen } from '../deliveries/delivery-state.ts';
import { findDeliveries } from '../deliveries/due-store.ts';
import { enqueue } from '../deliveries/enqueue.ts';
import {
  type DeliveryReceipt,
  findReceipts,
  insertReceipts,
  type ReceiptName,
} from '../deliveries/receipt-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { RequestContext } from './caller.ts';
import { channelOf } from './channel.ts';
import { deliveryEvent } from './delivery-event.ts';
import type { Exchange } from './exchange.ts';
import { notFound } from './own-client.ts';
import { performWrite, type WriteScope } from './perform-write.ts';
import type { Idempotency, Receipt } from './receipt.ts';

/** schemas/api/delivery-answer.json */
export interface DeliveryAnswer {
  status: 'read' | 'accepted' | 'rejected' | 'done';
  /** A code; needed with `rejected`. */
  reason?: string;
  /** The recipient's own, of its case. */
  reference?: string;
}

const receiptOf: Readonly<Record<DeliveryAnswer['status'], ReceiptName>> = {
  read: 'read',
  accepted: 'answered',
  rejected: 'answered',
  done: 'acted-on',
};

export function answerDelivery(
  exchange: Exchange,
  request: {
    context: RequestContext;
    id: string;
    answer: DeliveryAnswer;
    idempotency: Idempotency;
  },
): Promise<Receipt> {
  const { context, id, answer, idempotency } = request;
  return performWrite(exchange, {
    context,
    action: 'message.answered',
    idempotency,
    authorise: (scope) => getAnswerable(scope, context, id),
    async effect(scope, delivery) {
      const { tx, moment, event } = scope;
      // a repetition of what was said is answered before it comes here
      const fault = answerFault(delivery, await findReceipts(tx, [id]), answer);
      if (fault !== undefined) throw new GatewayError('DELIVERY_STATE_CONFLICT', { detail: fault });
      const { at, log, index } = moment;
      const said = { status: answer.status, ...answerCodes(answer) };
      event.particulars = { ...event.particulars, ...said };
      const receipt = receiptOf[answer.status];
      await insertReceipts(tx, [{ deliveryId: id, receipt, at, log, index, particulars: said }]);
      const isReturned = answer.status !== 'read';
      if (isReturned) await returnAnswer(exchange, scope, delivery, said);
      return { receipt: { status: 200, body: { delivery: id, ...said } }, hasEnqueued: isReturned };
    },
  });
}

function answerCodes({ reason, reference }: DeliveryAnswer) {
  return { reason: reason ?? null, reference: reference ?? null };
}

/** Brought to the caller by either channel. Somebody else's and none at all are one answer. */
async function getAnswerable(
  scope: WriteScope,
  { caller }: RequestContext,
  id: string,
): Promise<Delivery> {
  const delivery = (await findDeliveries(scope.tx, [id])).get(id);
  if (delivery?.recipient !== caller.odsCode) throw notFound('DELIVERY_UNKNOWN');
  Object.assign(scope.event, deliveryEvent(delivery));
  return delivery;
}

/** Why it cannot be answered so; pure. */
function answerFault(
  delivery: Delivery,
  receipts: readonly DeliveryReceipt[],
  { status }: DeliveryAnswer,
): string | undefined {
  const has = (name: ReceiptName) => receipts.some(({ receipt }) => receipt === name);
  const isRejected = receipts.some(({ particulars }) => particulars?.['status'] === 'rejected');
  // an attempt whose outcome is not known yet may well have reached whoever answers
  const wasBrought = delivery.attempt > 0 || delivery.reads > 0;
  const mayHaveIt = wasBrought && (isOpen(delivery) || delivery.state === 'delivered');
  if (!mayHaveIt) return 'It has not been delivered to you.';
  if (status === 'read') return has('read') ? 'It was read already.' : undefined;
  if (delivery.kind !== 'message') return 'Only messages are answered.';
  if (isRejected || has('acted-on')) return 'It is closed.';
  if (status !== 'done' && has('answered')) return 'It was answered already.';
  return undefined;
}

async function returnAnswer(
  { deliveries: { lifeMs } }: Exchange,
  { tx, moment, standing }: WriteScope,
  delivery: Delivery,
  said: Readonly<Record<string, string | null>>,
): Promise<void> {
  const { id, sender, recipient, personId, type, messageId } = delivery;
  if (sender === null || messageId === null) return;
  const { at, log, index } = moment;
  const recipients = [{ odsCode: sender, channel: channelOf(standing.register, sender, type) }];
  const about = { delivery: id, message: messageId, type, recipient };
  const dispatch = {
    ...{ kind: 'answer' as const, personId, sender: recipient, type, recipients, messageId },
    ...{ about: id, content: { about, ...said } },
  };
  await enqueue(tx, [{ dispatch, index }], { at, log, lifeMs });
}
