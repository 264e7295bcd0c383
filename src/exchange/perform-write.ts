/**
 * How every writing operation goes: under the lock, look at the door again, use up the user assertion, answer a
 * repetition from its receipt, otherwise authorise and let the effect happen. A refusal at any step undoes what
 * was written and is recorded as fully as a success.
 */
import { getStateVersion } from '../clients/person-store.ts';
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { type Action, type LedgerEvent, ledgerEvent } from '../ledger/ledger-event.ts';
import { type Moment, type Outcome, RecordedRefusal } from '../ledger/work.ts';
import { admit, type Participant } from '../participants/register.ts';
import { useAssertions } from '../participants/used-assertion-store.ts';
import { actorOf, type RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { findReceipt, insertReceipt } from './idempotency-store.ts';
import { type Idempotency, type Receipt, receiptHours } from './receipt.ts';
import type { Standing } from './standing.ts';
import { leavesState } from './state-claim.ts';

export interface WriteRequest<Target> {
  context: RequestContext;
  action: Action;
  /** What is known of the event before anything is read. */
  event?: Partial<LedgerEvent>;
  idempotency: Idempotency | undefined;
  /** Throws the refusal. Reads only. May add to the event what a refusal should record, too. */
  authorise(scope: WriteScope): Promise<Target>;
  effect(scope: WriteScope, target: Target): Promise<Effect>;
}

export interface WriteScope {
  tx: Queryable;
  moment: Moment;
  standing: Standing;
  participant: Participant;
  event: Partial<LedgerEvent>;
}

export interface Effect {
  receipt: Omit<Receipt, 'ledgerIndex'>;
  /** `permitted` where something was disclosed; `done` otherwise. */
  outcome?: 'permitted';
  /** Something was put into the outbox. */
  hasEnqueued?: boolean;
  /** Set where what happened is that something was refused, and that has to be kept. */
  refused?: GatewayError;
}

/** What happened is a refusal that has to be kept: it has no receipt of its own. */
export function keptRefusal(refused: GatewayError): Effect {
  return { receipt: { status: 200, body: {} }, refused };
}

export function performWrite<Target>(
  exchange: Exchange,
  request: WriteRequest<Target>,
): Promise<Receipt> {
  const { context, action } = request;
  return exchange.ledger.write(async (tx, moment) => {
    const event: Partial<LedgerEvent> = {
      ...actorOf(context.caller),
      request: context.requestId,
      ...request.event,
    };
    try {
      const standing = await exchange.readStanding(tx, moment);
      const participant = admitted(standing, context);
      if (!(await useUp(tx, context))) throw replayedAssertion();
      const scope = { tx, moment, standing, participant, event };
      const earlier = await findEarlier(scope, context, request.idempotency);
      // before anything is authorised: what was done was permitted then, and its sender has to learn that it was done
      if (earlier?.isSame) return { events: [], answer: () => earlier.receipt };
      const target = await request.authorise(scope);
      if (earlier) throw anotherBody();
      return await settled(exchange, scope, request, target);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const { reasonCodes } = error;
      throw new RecordedRefusal(
        ledgerEvent({ ...event, action, outcome: 'refused', reasonCodes }),
        error,
        async (tx) => void (await useUp(tx, context)),
      );
    }
  }, context.caller.odsCode);
}

async function settled<Target>(
  { deliveries }: Exchange,
  scope: WriteScope,
  { context, action, idempotency, effect }: WriteRequest<Target>,
  target: Target,
): Promise<Outcome<Receipt>> {
  const { tx, moment, event } = scope;
  const effected = await effect(scope, target);
  const { receipt, refused, outcome = 'done', hasEnqueued } = effected;
  const ledgerIndex = moment.index;
  const body = { ...receipt.body, ledgerIndex };
  const whole: Receipt = { ...receipt, body, ledgerIndex };
  if (refused) {
    const { reasonCodes } = refused;
    return {
      events: [ledgerEvent({ ...event, action, outcome: 'refused', reasonCodes })],
      answer(index) {
        if (hasEnqueued) deliveries.onEnqueued();
        throw refused.recordedAt(index);
      },
    };
  }
  if (leavesState(action) && typeof event.person === 'string') {
    const state = await getStateVersion(tx, event.person);
    event.particulars = { ...event.particulars, state };
  }
  if (idempotency) {
    await insertReceipt(tx, context.caller.odsCode, idempotency, whole, new Date(moment.at));
  }
  return {
    events: [ledgerEvent({ ...event, action, outcome })],
    answer() {
      if (hasEnqueued) deliveries.onEnqueued();
      return whole;
    },
  };
}

/** Looks at the register under the lock: what the door saw may have changed meanwhile. */
export function admitted(standing: Standing, { caller }: RequestContext): Participant {
  const entry = admit(standing.register, caller.fingerprint256);
  if (entry.kind === 'refused') throw new GatewayError(entry.code);
  return entry.participant;
}

/** Whether there was none, or one that was fresh. An assertion is good for one request, refused or not. */
async function useUp(tx: Queryable, { caller }: RequestContext): Promise<boolean> {
  const { assertion, odsCode } = caller;
  if (!assertion) return true;
  const [isFresh] = await useAssertions(tx, [{ odsCode, assertion }]);
  return isFresh === true;
}

export function replayedAssertion(): GatewayError {
  return new GatewayError('ASSERTION_INVALID', {
    detail: 'The user assertion was used before. Sign a new one, with a new jti, for each request.',
    reasonCodes: ['ASSERTION_REPLAYED'],
  });
}

async function findEarlier(
  { tx, moment }: WriteScope,
  { caller }: RequestContext,
  idempotency: Idempotency | undefined,
): Promise<{ receipt: Receipt; isSame: boolean } | undefined> {
  if (!idempotency) return undefined;
  const since = new Date(moment.at - receiptHours * 3_600_000);
  const earlier = await findReceipt(tx, caller.odsCode, idempotency, since);
  return earlier && { receipt: earlier.receipt, isSame: earlier.bodyMac === idempotency.bodyMac };
}

function anotherBody(): GatewayError {
  return new GatewayError('IDEMPOTENCY_MISMATCH', {
    detail: 'This Idempotency-Key was used for another body. Use a new key for a new request.',
  });
}
