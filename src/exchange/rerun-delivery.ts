/**
 * Delivering again what ended undelivered, by its sender or by an operator: as a delivery of its own, with its own id
 * and number, decided anew, and of a record the version that counts now. A recipient that had the first after all
 * knows a message by its id, and a record by its sequence.
 */
import type { Queryable } from '../database/queryable.ts';
import type { Delivery, Dispatch } from '../deliveries/delivery.ts';
import { hasFailed, nextProgress } from '../deliveries/delivery-state.ts';
import { findDeliveries } from '../deliveries/due-store.ts';
import { enqueue } from '../deliveries/enqueue.ts';
import { type NewDelivery, updateProgress } from '../deliveries/outbox-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { type AdministrativeResult, administered, declined } from '../ledger/administrative-act.ts';
import { ledgerEvent } from '../ledger/ledger-event.ts';
import type { Moment } from '../ledger/work.ts';
import { findCurrentRecord } from '../records/record-store.ts';
import { asEndpoint, type RequestContext } from './caller.ts';
import { channelOf } from './channel.ts';
import { considerWaiting } from './considered-delivery.ts';
import { deliveryEvent } from './delivery-event.ts';
import type { Exchange } from './exchange.ts';
import { notFound } from './own-client.ts';
import { performWrite } from './perform-write.ts';
import { type DeliveryReader, isDecided, readForDeliveries } from './read-for-deliveries.ts';
import type { Idempotency, Receipt } from './receipt.ts';

export function redeliver(
  exchange: Exchange,
  request: { context: RequestContext; id: string; idempotency: Idempotency },
): Promise<Receipt> {
  const { context, id, idempotency } = request;
  return performWrite(exchange, {
    context,
    action: 'delivery.rerun',
    idempotency,
    async authorise(scope) {
      const delivery = (await findDeliveries(scope.tx, [id])).get(id);
      if (delivery?.sender !== context.caller.odsCode) throw notFound('DELIVERY_UNKNOWN');
      const { organisation } = scope.event;
      Object.assign(scope.event, { ...deliveryEvent(delivery), organisation });
      return delivery;
    },
    async effect({ tx, moment, event }, failed) {
      const again = await rerun(exchange, tx, moment, failed);
      if (again instanceof GatewayError) throw again;
      event.particulars = { ...event.particulars, again: again.id };
      const body = { delivery: again.id, rerunOf: id, state: 'waiting' };
      return { receipt: { status: 202, body }, hasEnqueued: true };
    },
  });
}

/** What running again works with. */
export type RerunExchange = DeliveryReader &
  Pick<Exchange, 'ledger'> & { deliveries: Pick<Exchange['deliveries'], 'lifeMs'> };

/** `operator`: whoever ran the command, by `JETWAY_OPERATOR` or their account. */
export function rerunByOperator(
  exchange: RerunExchange,
  id: string,
  operator: string,
): Promise<AdministrativeResult> {
  return exchange.ledger.write(async (tx, moment) => {
    const failed = (await findDeliveries(tx, [id])).get(id);
    if (!failed) return declined('there is no such delivery');
    const again = await rerun(exchange, tx, moment, failed);
    if (again instanceof GatewayError) return declined(again.detail ?? again.code);
    const event = ledgerEvent({
      ...deliveryEvent(failed, { operator, again: again.id }),
      ...{ action: 'delivery.rerun', outcome: 'done' },
    });
    return administered([event]);
  });
}

export interface RerunTrial {
  delivery: Delivery;
  /** A code where it would not be delivered now: the decision's, or why it cannot be run again. */
  refusal: string | undefined;
}

/** What a rerun would come to at this moment. What it writes, its caller has to undo. */
export async function tryRerun(
  exchange: DeliveryReader,
  tx: Queryable,
  moment: Moment,
  delivery: Delivery,
): Promise<RerunTrial> {
  const current = await currentOf(tx, delivery);
  if (current instanceof GatewayError) return { delivery, refusal: current.code };
  if (!isDecided(delivery)) return { delivery, refusal: undefined };
  const read = await readForDeliveries(exchange, tx, moment, [current]);
  const { register } = read.standing;
  const subject = read.subjectOf(current, asEndpoint(current.recipient));
  const verdict = considerWaiting(subject, channelOf(register, current.recipient, current.type));
  return { delivery, refusal: verdict.kind === 'refused' ? verdict.error.code : undefined };
}

async function rerun(
  { deliveries: { lifeMs }, readStanding }: Omit<RerunExchange, 'ledger'>,
  tx: Queryable,
  moment: Moment,
  failed: Delivery,
): Promise<NewDelivery | GatewayError> {
  const { at, log, index } = moment;
  const current = await currentOf(tx, failed);
  const progress = nextProgress(failed, { kind: 'rerun' }, at);
  if (current instanceof GatewayError) return current;
  if (!progress) return notFailed(failed);
  await updateProgress(tx, [{ id: failed.id, progress }]);
  const { register } = await readStanding(tx, moment);
  const { recipient: odsCode, type } = failed;
  const recipients = [{ odsCode, channel: channelOf(register, odsCode, type) }];
  const dispatch = { ...dispatchOf(current), recipients, about: failed.id };
  const [again] = await enqueue(tx, [{ dispatch, index }], { at, log, lifeMs });
  if (!again) throw new Error('a rerun was put into no outbox');
  return again;
}

function dispatchOf(delivery: Delivery): Omit<Dispatch, 'recipients'> {
  const { kind, personId, sender, type, version, messageId, content } = delivery;
  return {
    ...{ kind, personId, sender, type },
    ...(version !== null && { version }),
    ...(messageId !== null && { messageId }),
    ...(content !== null && { content }),
  };
}

/** Of a record the version that counts now. */
async function currentOf(tx: Queryable, delivery: Delivery): Promise<Delivery | GatewayError> {
  if (!hasFailed(delivery)) return notFailed(delivery);
  const { kind, personId, type: recordType, sender: custodian } = delivery;
  if (kind !== 'record' || custodian === null) return delivery;
  const record = await findCurrentRecord(tx, { personId, recordType, custodian });
  if (!record || record.retractionReason) return new GatewayError('RECORD_RETRACTED');
  return { ...delivery, version: record.version };
}

function notFailed({ state }: Delivery): GatewayError {
  return new GatewayError('DELIVERY_STATE_CONFLICT', {
    detail: `It is ${state}. Only what was refused, rejected or expired is delivered again.`,
  });
}
