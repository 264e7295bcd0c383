/**
 * Authorising pushes: what is due for recipients whose connections stand open is decided now and written into
 * the ledger, all in one transaction, before anything of it is sent. The attempt that begins here is this node's
 * until its lease ends by the ledger's time.
 */

import type { Queryable } from '../database/queryable.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { type DeliveryProgress, isOpen, nextProgress } from '../deliveries/delivery-state.ts';
import { findDue } from '../deliveries/due-store.ts';
import { formatContentDigest } from '../encoding/content-digest.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { type JsonObject, type LedgerEvent, ledgerEvent } from '../ledger/ledger-event.ts';
import { authorisationLifeMs, type Moment, type Outcome } from '../ledger/work.ts';
import { type Endpoint, isSameEndpoint } from '../participants/endpoint.ts';
import type { Register } from '../participants/register.ts';
import { applyTurns, type Turn } from './apply-turns.ts';
import { asEndpoint } from './caller.ts';
import { considerDelivery } from './considered-delivery.ts';
import { decidedEvent } from './decided-event.ts';
import { deliveryEvent } from './delivery-event.ts';
import { type DeliveryPayload, noticePayload, releasedPayload } from './delivery-payload.ts';
import { deliveredDigest } from './dossier-digest.ts';
import type { Exchange } from './exchange.ts';
import { type DeliveriesRead, isDecided, readForDeliveries } from './read-for-deliveries.ts';
import { endpointDigest, linkDigest } from './state-digest.ts';

export interface AuthorisedDelivery {
  delivery: Delivery;
  payload: DeliveryPayload;
  ledgerIndex: number;
  /** Epoch milliseconds: when it was authorised, by the ledger's time. */
  at: number;
  /** Monotonic clock: nothing may be sent on it after this. */
  goodUntilMs: number;
}

/** Connections that stand open to one recipient's endpoint. */
export interface Slot {
  endpoint: Endpoint;
  /** So many deliveries at the most. */
  free: number;
}

/** By recipient. */
export type Slots = ReadonlyMap<string, Slot>;

export interface Authorised {
  deliveries: readonly AuthorisedDelivery[];
  /** Recipients for whom more may be due. */
  unfinished: readonly string[];
}

/** After a fault of ours, the delivery is looked at again in a minute. */
const faultPauseMs = 60_000;

export function deliveryAuthoriser(exchange: Exchange): (slots: Slots) => Promise<Authorised> {
  return exchange.ledger.batch<Slots, Authorised>(async (tx, moment, inputs) => {
    const outcomes: Outcome<Authorised>[] = [];
    let { index } = moment;
    for (const slots of inputs) {
      const outcome = await authoriseDue(exchange, tx, { ...moment, index }, slots);
      index += outcome.events.length;
      outcomes.push(outcome);
    }
    return outcomes;
  });
}

interface Considered extends Turn {
  progress: DeliveryProgress;
  payload?: DeliveryPayload;
}

async function authoriseDue(
  exchange: Exchange,
  tx: Queryable,
  moment: Moment,
  slots: Slots,
): Promise<Outcome<Authorised>> {
  const { register } = await exchange.readStanding(tx, moment);
  const open = freeOf(register, slots);
  const due = await findDue(tx, open, new Date(moment.at));
  if (due.length === 0) {
    return { events: [], answer: () => ({ deliveries: [], unfinished: [] }) };
  }
  const read = await readForDeliveries(exchange, tx, moment, due);
  const { at } = moment;
  const considered = due.map((delivery) => consider({ exchange, read, register, at }, delivery));
  const events = await applyTurns(exchange, tx, moment, register, considered);
  return {
    events,
    answer(firstIndex) {
      read.dossiers.keep();
      return {
        deliveries: considered.flatMap((one) => authorised(one, events, firstIndex, moment)),
        unfinished: [...open]
          .filter(([odsCode, free]) => countFor(due, odsCode) === free)
          .map(([odsCode]) => odsCode),
      };
    },
  };
}

/**
 * How many for each participant who may be sent something at this moment; what waits for the others waits on. A
 * connection to an endpoint that was replaced meanwhile counts for nothing.
 */
function freeOf({ participants, endpoints }: Register, slots: Slots): ReadonlyMap<string, number> {
  return new Map(
    [...slots].flatMap(([odsCode, { endpoint, free }]) => {
      const registered = endpoints.get(odsCode);
      const isOpen =
        participants.get(odsCode)?.status === 'active' &&
        registered !== undefined &&
        isSameEndpoint(registered, endpoint);
      return isOpen && free > 0 ? [[odsCode, free] as const] : [];
    }),
  );
}

function countFor(due: readonly Delivery[], odsCode: string): number {
  return due.filter(({ recipient }) => recipient === odsCode).length;
}

/** What was read under the lock, and when. */
interface Known {
  exchange: Exchange;
  read: DeliveriesRead;
  register: Register;
  at: number;
}

/** A fault of ours in one delivery puts that one off. */
function consider(known: Known, delivery: Delivery): Considered {
  const { at } = known;
  const progress = nextProgress(delivery, { kind: 'authorised' }, at);
  if (!progress) throw new Error('a delivery that is due cannot be attempted');
  if (!isOpen(progress)) return { delivery, progress };
  try {
    return isDecided(delivery)
      ? decided(known, delivery, progress)
      : notice(known, delivery, progress);
  } catch (cause) {
    const { code } = new GatewayError('INTERNAL_ERROR', { cause });
    return {
      delivery,
      progress: { ...delivery, dueAt: at + faultPauseMs },
      event: authorisedEvent(delivery, { outcome: 'failed', reasonCodes: [code] }),
      failure: code,
    };
  }
}

function decided(known: Known, delivery: Delivery, progress: DeliveryProgress): Considered {
  const { exchange, read, at } = known;
  const subject = read.subjectOf(delivery, asEndpoint(delivery.recipient));
  const verdict = considerDelivery(subject);
  const said = verdict.decided ? decidedEvent(verdict.decided, subject) : {};
  if (verdict.kind === 'refused') {
    const { code, reasonCodes } = verdict.error;
    const ended = nextProgress(delivery, { kind: 'refused' }, at);
    if (!ended) throw new Error('a delivery that is due cannot be refused');
    const event = authorisedEvent(delivery, { ...said, outcome: 'refused', reasonCodes });
    const undelivered = { code: 'REFUSED' as const, reason: code };
    return { delivery, progress: ended, event, undelivered, failure: code };
  }
  const payload = releasedPayload(exchange.macKey, delivery, subject, verdict);
  const attempt = { ...delivery, ...progress };
  const event = permitted(attempt, payload, said, {
    content: deliveredDigest(subject.content),
    endpoint: endpointOf(known, delivery),
  });
  return { delivery: attempt, progress, payload, event };
}

/** What leaves says for which endpoint: one that is another for a while has to be told by more than its row. */
function endpointOf({ register }: Known, { recipient }: Delivery): string {
  const endpoint = register.endpoints.get(recipient);
  if (!endpoint) throw new Error('a delivery is due to somebody without an endpoint');
  return endpointDigest(endpoint.url, endpoint.anchors);
}

function notice(known: Known, delivery: Delivery, progress: DeliveryProgress): Considered {
  const link = known.read.linkOf(delivery);
  const payload = noticePayload(delivery, link.client);
  const attempt = { ...delivery, ...progress };
  const told = { link: linkDigest(link), endpoint: endpointOf(known, delivery) };
  const event = permitted(attempt, payload, { reasonCodes: ['NOTICE'] }, told);
  return { delivery: attempt, progress, payload, event };
}

function permitted(
  delivery: Delivery,
  { text }: DeliveryPayload,
  said: Partial<LedgerEvent>,
  particulars: JsonObject,
): LedgerEvent {
  const digest = formatContentDigest(text);
  return authorisedEvent(delivery, { ...said, outcome: 'permitted', digest }, particulars);
}

function authorisedEvent(
  delivery: Delivery,
  said: Partial<LedgerEvent> & Pick<LedgerEvent, 'outcome'>,
  particulars: JsonObject = {},
): LedgerEvent {
  return ledgerEvent({
    ...deliveryEvent(delivery, { attempt: delivery.attempt, channel: 'push', ...particulars }),
    ...{ role: 'system', ...said },
    action: 'delivery.authorised',
  });
}

function authorised(
  { delivery, payload, event }: Considered,
  events: readonly LedgerEvent[],
  firstIndex: number,
  { at, monotonicMs }: Moment,
): AuthorisedDelivery[] {
  if (!payload || !event) return [];
  const ledgerIndex = firstIndex + events.indexOf(event);
  return [{ delivery, payload, ledgerIndex, at, goodUntilMs: monotonicMs + authorisationLifeMs }];
}
