/**
 * A period in a query. One that ends before it begins is a slip of the pen: nothing found would look like an answer.
 */
import { malformed } from './malformed.ts';

/** Times are RFC 3339, `until` exclusive. Throws REQUEST_MALFORMED. */
export function checkPeriod({ from, until }: { from?: string; until?: string }): void {
  if (from === undefined || until === undefined) return;
  if (Date.parse(from) >= Date.parse(until)) throw malformed('`from` must be before `until`.');
}
