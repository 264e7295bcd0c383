/**
 * The Prefer header field (RFC 7240), of which one preference is known here: `wait` (section 4.3), how many
 * seconds a caller would wait for something to be told of. What is not understood is passed over, as section 2
 * wants it.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** Longer waits are cut to this. Must be shorter than a connection may be silent (door-limits.ts). */
export const maxWaitSeconds = 30;

/** Of several `wait` the first counts. */
const waiting = /(?:^|,)[ \t]*wait[ \t]*=[ \t]*"?(\d{1,9})"?[ \t]*(?=$|[,;])/i;

/** 0 where the caller does not want to wait. */
export function waitSecondsOf(headers: IncomingHttpHeaders): number {
  const field = headers['prefer'];
  const text = Array.isArray(field) ? field.join(',') : (field ?? '');
  return Math.min(maxWaitSeconds, Number(waiting.exec(text)?.[1] ?? 0));
}

/** Preference-Applied (section 3). */
export function appliedWait(seconds: number): string {
  return `wait=${seconds}`;
}
