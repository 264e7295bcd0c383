/**
 * When a partner asks again, and when it must not: what the gateway did not take (429, 503) and what nobody answered.
 * Every other answer is an answer, and asking again would get the same. Pure; chance is handed in.
 */

export interface RepetitionLimits {
  /** The first included. */
  attempts: number;
  /** What would have to wait longer is given up instead of coming too early. */
  longestWaitMs: number;
}

export const defaultRepetition: RepetitionLimits = { attempts: 5, longestWaitMs: 60_000 };

export interface FailedAttempt {
  /** The attempts so far. */
  attempt: number;
  /** Retry-After: whole seconds, as the gateway sends them. A date is passed over. */
  retryAfter: string | undefined;
}

const firstWaitMs = 250;

export function mayRepeatStatus(status: number): boolean {
  return status === 429 || status === 503;
}

/** Connections that were refused, lost or silent. A server that is not trusted stays so. */
const lost = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'EHOSTUNREACH'],
  ...['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT'],
  ...['UND_ERR_BODY_TIMEOUT'],
]);

export function mayRepeatError(error: unknown): boolean {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && lost.has(code);
}

/** Milliseconds until the next attempt; undefined where there is to be none. `chance` is from 0 to 1. */
export function waitBeforeNext(
  { attempt, retryAfter }: FailedAttempt,
  { attempts, longestWaitMs }: RepetitionLimits,
  chance: number,
): number | undefined {
  if (attempt >= attempts) return undefined;
  // apart from each other: whoever was turned away together would come back together
  const own = firstWaitMs * 2 ** (attempt - 1) * (0.5 + chance / 2);
  const asked = /^\d{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1_000 : 0;
  if (asked > longestWaitMs) return undefined;
  return Math.min(longestWaitMs, asked + own);
}
