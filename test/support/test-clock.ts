/** A clock that stands still until a test moves it. */
import type { Clock } from '../../src/clock.ts';

export interface TestClock extends Clock {
  /** Moves both clocks on. */
  advance(ms: number): void;
  /** Sets the wall clock alone, as an administrator would. */
  set(time: string): void;
}

export function testClock(start = '2026-11-22T10:00:00Z'): TestClock {
  let wallMs = Date.parse(start);
  let monotonicMs = 1_000_000;
  return {
    now: () => new Date(wallMs),
    monotonicMs: () => monotonicMs,
    advance(ms) {
      wallMs += ms;
      monotonicMs += ms;
    },
    set(time) {
      wallMs = Date.parse(time);
    },
  };
}
