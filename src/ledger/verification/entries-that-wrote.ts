/**
 * The entries of a verified log that say they changed something outside the ledger, a bounded piece at a time.
 * They are found by the search rows: so only where those were found to say what the payloads say.
 */
import type { Queryable } from '../../database/queryable.ts';
import type { Action } from '../ledger-event.ts';
import { parseStoredEvent, type StoredEvent } from '../stored-event.ts';
import { payloadLines } from '../stored-payloads.ts';
import { findPayloadsByAction } from './verification-store.ts';

export interface VerifiedEntry {
  index: number;
  event: StoredEvent;
}

/** In order; only what was done, nothing that was refused. */
export async function* entriesThatWrote(
  queryable: Queryable,
  log: number,
  actions: readonly Action[],
): AsyncGenerator<readonly VerifiedEntry[]> {
  let after = -1;
  for (;;) {
    const batches = await findPayloadsByAction(queryable, { log, after, actions });
    const last = batches.at(-1);
    if (!last) return;
    yield batches.flatMap(({ firstIndex, indexes, ...stored }) => {
      const lines = payloadLines(stored) ?? [];
      return (indexes ?? []).flatMap((index) => {
        const event = parseStoredEvent(lines[index - firstIndex] ?? '');
        return event ? [{ index, event }] : [];
      });
    });
    after = last.firstIndex;
  }
}
