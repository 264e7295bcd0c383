/**
 * The only place that reads the system's clocks. Everything else is handed a `Clock`, so that tests
 * say what time it is and nothing ever sleeps.
 */
export interface Clock {
  /** The wall clock. May jump; orders nothing by itself (the ledger's `at` never runs backwards). */
  now(): Date;
  /** Milliseconds since an arbitrary start; never jumps. For the life of an authorisation. */
  monotonicMs(): number;
}

/** To the microsecond: what stands behind it is noise, in every log line. */
export function elapsedMs(clock: Pick<Clock, 'monotonicMs'>, sinceMs: number): number {
  return Math.round((clock.monotonicMs() - sinceMs) * 1_000) / 1_000;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
