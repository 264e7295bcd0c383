/**
 * What may become of a delivery, as a pure machine. Open ones wait, or have an attempt under way that was
 * authorised in the ledger; the others have ended, for good. What failed may be run again, as a delivery of its
 * own. All times are the ledger's, so that nodes whose clocks differ agree on whose attempt it is.
 */

const openStates = ['waiting', 'authorised'] as const;
const endedStates = [
  'delivered',
  'superseded',
  'cancelled',
  'refused',
  'rejected',
  'expired',
  'rerun',
] as const;
export const deliveryStates = [...openStates, ...endedStates] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** Why something is not to be attempted again: a newer version of it, or its sender took it back. */
export type Recall = 'superseded' | 'cancelled';

export interface DeliveryProgress {
  state: DeliveryState;
  /** Attempts so far. An outcome counts for the attempt that it names. */
  attempt: number;
  /** What becomes of an attempt under way that does not succeed. */
  recalled: Recall | null;
  /**
   * When it may be attempted; while an attempt is under way, when that one is given up. Null for what is not the
   * first of its person and recipient, and for what is kept in an inbox.
   */
  dueAt: number | null;
  /** Epoch milliseconds: what is still open then, ends. */
  expiresAt: number;
}

export type DeliveryStep =
  /** An attempt begins. */
  | { kind: 'authorised' }
  /** The decision of this moment says no. */
  | { kind: 'refused' }
  | { kind: 'delivered' }
  /** The recipient will not have it, now or later. */
  | { kind: 'rejected'; attempt: number }
  /** It may be tried again, not before so long. */
  | { kind: 'failed'; attempt: number; afterMs: number }
  | { kind: 'recalled'; as: Recall }
  | { kind: 'expired' }
  | { kind: 'rerun' };

/**
 * An attempt is given up after this: longer than an authorisation lives and an exchange with an endpoint may
 * take, so that the attempts of two nodes are never under way together while both have their time.
 */
export const leaseMs = 30_000;

const failedStates: readonly DeliveryState[] = ['refused', 'rejected', 'expired'];

export function isOpen({ state }: Pick<DeliveryProgress, 'state'>): boolean {
  return state === 'waiting' || state === 'authorised';
}

/** Ended without having reached its recipient, and not by its sender's wish. */
export function hasFailed({ state }: Pick<DeliveryProgress, 'state'>): boolean {
  return failedStates.includes(state);
}

/** Undefined where the step changes nothing. `at` is the ledger's time. */
export function nextProgress(
  delivery: DeliveryProgress,
  step: DeliveryStep,
  at: number,
): DeliveryProgress | undefined {
  const ended = (state: DeliveryState) => ({ ...delivery, state, recalled: null, dueAt: null });
  const isUnderWay = delivery.state === 'authorised';
  const isLapsed = isUnderWay && delivery.dueAt !== null && delivery.dueAt <= at;
  const isFree = delivery.state === 'waiting' || isLapsed;
  switch (step.kind) {
    case 'authorised': {
      if (!isFree) return undefined;
      if (delivery.recalled) return ended(delivery.recalled);
      const attempt = delivery.attempt + 1;
      return { ...delivery, state: 'authorised', attempt, dueAt: at + leaseMs };
    }
    case 'refused':
      return isFree ? ended('refused') : undefined;
    case 'delivered':
      // what was delivered was delivered, whatever was thought of it meanwhile
      return delivery.state === 'delivered' ? undefined : ended('delivered');
    case 'rejected':
      return isUnderWay && step.attempt === delivery.attempt ? ended('rejected') : undefined;
    case 'failed': {
      if (!isUnderWay || step.attempt !== delivery.attempt) return undefined;
      if (delivery.recalled) return ended(delivery.recalled);
      return { ...delivery, state: 'waiting', dueAt: at + step.afterMs };
    }
    case 'recalled': {
      if (delivery.state === 'waiting') return ended(step.as);
      return isUnderWay ? { ...delivery, recalled: step.as } : undefined;
    }
    case 'expired':
      if (!isFree || delivery.expiresAt > at) return undefined;
      return ended(delivery.recalled ?? 'expired');
    case 'rerun':
      return hasFailed(delivery) ? ended('rerun') : undefined;
  }
}
