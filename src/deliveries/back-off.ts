/**
 * How long a delivery waits after an attempt that failed: twice as long each time, up to a bound, and never
 * quite as long as the one beside it, so that a recovered endpoint is not met by all at once.
 */

export interface BackOff {
  firstMs: number;
  longestMs: number;
}

export const deliveryBackOff: BackOff = { firstMs: 1_000, longestMs: 3_600_000 };

/**
 * Requires attempt >= 1, and 0 <= random < 1. Between half of the doubled wait and all of it, and never less than
 * the recipient asked for.
 */
export function backOffMs(
  { firstMs, longestMs }: BackOff,
  attempt: number,
  random: number,
  askedMs = 0,
): number {
  // beyond 2^30 the bound holds for any sensible first wait
  const doubled = firstMs * 2 ** Math.min(attempt - 1, 30);
  const wait = Math.min(doubled, longestMs) * (0.5 + random / 2);
  return Math.max(Math.round(wait), askedMs);
}
