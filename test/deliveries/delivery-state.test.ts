/** What may become of a delivery, whatever happens in whatever order. */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { backOffMs, deliveryBackOff } from '../../src/deliveries/back-off.ts';
import {
  type DeliveryProgress,
  type DeliveryStep,
  hasFailed,
  isOpen,
  leaseMs,
  nextProgress,
} from '../../src/deliveries/delivery-state.ts';

const fresh: DeliveryProgress = {
  ...{ state: 'waiting', attempt: 0, recalled: null, dueAt: 0, expiresAt: 1_000_000 },
};

const steps: fc.Arbitrary<DeliveryStep> = fc.oneof(
  fc.constant({ kind: 'authorised' } as const),
  fc.constant({ kind: 'refused' } as const),
  fc.constant({ kind: 'delivered' } as const),
  fc.record({ kind: fc.constant('rejected' as const), attempt: fc.nat(4) }),
  fc.record({
    kind: fc.constant('failed' as const),
    attempt: fc.nat(4),
    afterMs: fc.nat(100_000),
  }),
  fc.record({
    kind: fc.constant('recalled' as const),
    as: fc.constantFrom('superseded' as const, 'cancelled' as const),
  }),
  fc.constant({ kind: 'expired' } as const),
  fc.record({
    kind: fc.constant('rerun' as const),
    expiresAt: fc.integer({ min: 1, max: 3_000_000 }),
  }),
);

/** Each step some time after the one before. */
const histories = fc.array(fc.tuple(steps, fc.nat(60_000)), { maxLength: 40 });

interface Taken {
  before: DeliveryProgress;
  step: DeliveryStep;
  at: number;
  after: DeliveryProgress | undefined;
}

function run(history: readonly (readonly [DeliveryStep, number])[]): readonly Taken[] {
  let at = 0;
  let progress = fresh;
  return history.map(([step, afterMs]) => {
    at += afterMs;
    const before = progress;
    const after = nextProgress(before, step, at);
    progress = after ?? before;
    return { before, step, at, after };
  });
}

function always(t: Test, claim: string, holds: (taken: Taken) => boolean) {
  t.doesNotThrow(() => {
    fc.assert(
      fc.property(histories, (history) => run(history).every(holds)),
      { numRuns: 500 },
    );
  }, claim);
}

t.test('whatever happens', async (t) => {
  always(
    t,
    'an attempt begins only where none is under way within its lease',
    ({ before, step, at, after }) => {
      if (step.kind !== 'authorised' || after?.state !== 'authorised') return true;
      const isFree = before.state === 'waiting' || (before.dueAt ?? at) <= at;
      return isFree && after.attempt === before.attempt + 1 && after.dueAt === at + leaseMs;
    },
  );
  always(t, 'what was delivered stays delivered', ({ before, after }) => {
    return before.state !== 'delivered' || after === undefined;
  });
  always(t, 'what has ended stays ended', ({ before, after }) => {
    return isOpen(before) || after === undefined || !isOpen(after);
  });
  always(t, 'nothing is run again but what failed, and that once', ({ before, step, after }) => {
    return step.kind !== 'rerun' || (after?.state === 'rerun') === hasFailed(before);
  });
  always(
    t,
    'an outcome of an earlier attempt changes nothing, but that it arrived',
    ({ before, step, after }) => {
      const isEarlier = 'attempt' in step && step.attempt !== before.attempt;
      return !isEarlier || after === undefined;
    },
  );
  always(t, 'what is recalled is never attempted again', ({ before, after }) => {
    return (
      before.recalled === null || after?.state !== 'authorised' || after.attempt === before.attempt
    );
  });
  always(
    t,
    'nothing expires before its time, nor while an attempt is under way',
    ({ before, step, at, after }) => {
      if (step.kind !== 'expired' || after === undefined) return true;
      const isUnderWay = before.state === 'authorised' && (before.dueAt ?? 0) > at;
      return before.expiresAt <= at && !isUnderWay;
    },
  );
  always(t, 'what has ended is due never', ({ after }) => {
    return (
      after === undefined || isOpen(after) || (after.dueAt === null && after.recalled === null)
    );
  });
});

t.test(
  'the wait grows, stays within its bounds, and honours what the recipient asks',
  async (t) => {
    const attempts = fc.integer({ min: 1, max: 1_000 });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(attempts, random, (attempt, random) => {
        const wait = backOffMs(deliveryBackOff, attempt, random);
        return wait >= deliveryBackOff.firstMs / 2 && wait <= deliveryBackOff.longestMs;
      }),
    );
    fc.assert(
      fc.property(attempts, random, fc.nat(86_400_000), (attempt, random, asked) => {
        return backOffMs(deliveryBackOff, attempt, random, asked) >= asked;
      }),
    );
    const waits = [1, 2, 3, 12, 13].map((attempt) => backOffMs(deliveryBackOff, attempt, 1));
    t.strictSame(waits, [1_000, 2_000, 4_000, 2_048_000, 3_600_000]);
  },
);
