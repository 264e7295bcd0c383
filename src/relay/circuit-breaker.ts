/**
 * Whether an endpoint is worth an attempt, as a pure machine. After some failures in a row it is left alone for a
 * while, twice as long each time, and then tried with one delivery: a dead endpoint costs a connection now and
 * then, and nothing in the ledger.
 */
import { type BackOff, backOffMs } from '../deliveries/back-off.ts';

export interface Breaker {
  /** In a row. */
  failures: number;
  /** By the monotonic clock: nothing is tried before. */
  untilMs: number;
}

export const closedBreaker: Breaker = Object.freeze({ failures: 0, untilMs: 0 });

const failuresBorne = 5;
const pause: BackOff = { firstMs: 1_000, longestMs: 300_000 };

/** Requires 0 <= random < 1. Failures of attempts that were under way already do not count twice. */
export function afterFailure(breaker: Breaker, nowMs: number, random: number): Breaker {
  if (nowMs < breaker.untilMs) return breaker;
  const failures = breaker.failures + 1;
  const pauses = failures - failuresBorne + 1;
  if (pauses < 1) return { failures, untilMs: breaker.untilMs };
  return { failures, untilMs: nowMs + backOffMs(pause, pauses, random) };
}

/** How many deliveries may be under way: none while it is left alone, one to try it, else as many as there may be. */
export function allowance({ failures, untilMs }: Breaker, nowMs: number, most: number): number {
  if (nowMs < untilMs) return 0;
  return failures >= failuresBorne ? Math.min(1, most) : most;
}
