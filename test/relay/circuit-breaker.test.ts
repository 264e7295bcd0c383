/** A dead endpoint is left alone, longer each time, and tried with one delivery at a time. */
import fc from 'fast-check';
import t from 'tap';
import {
  afterFailure,
  allowance,
  type Breaker,
  closedBreaker,
} from '../../src/relay/circuit-breaker.ts';

const most = 8;

function failed(times: number, nowMs = 0): Breaker {
  let breaker = closedBreaker;
  for (let count = 0; count < times; count += 1) {
    breaker = afterFailure(breaker, Math.max(nowMs, breaker.untilMs), 1);
  }
  return breaker;
}

t.test('four failures are borne, the fifth opens it', async (t) => {
  t.equal(allowance(failed(4), 0, most), most);
  const open = failed(5);
  t.equal(allowance(open, open.untilMs - 1, most), 0);
  t.equal(allowance(open, open.untilMs, most), 1, 'then one delivery tries');
});

t.test('each further failure doubles the pause, up to five minutes', async (t) => {
  const pauses = [5, 6, 7].map((times) => failed(times).untilMs - failed(times - 1).untilMs);
  t.strictSame(pauses, [1_000, 2_000, 4_000]);
  t.equal(failed(40).untilMs - failed(39).untilMs, 300_000);
});

t.test('failures of what was under way when it opened do not count twice', async (t) => {
  const open = failed(5);
  t.equal(afterFailure(open, open.untilMs - 1, 1), open);
});

t.test('there is never more room than there may be connections', async () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(1_000_000), fc.nat(64), (times, nowMs, room) => {
      const allowed = allowance(failed(times), nowMs, room);
      return allowed >= 0 && allowed <= room;
    }),
  );
});
