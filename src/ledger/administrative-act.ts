/**
 * Commands of operators as work for the ledger: recorded like everything else, in the operator's name. One
 * that would change nothing leaves no entry, so that it can be repeated.
 */
import { type Action, type JsonObject, type LedgerEvent, ledgerEvent } from './ledger-event.ts';
import type { Outcome } from './work.ts';

export type AdministrativeResult =
  | { kind: 'done'; ledgerIndex: number }
  | { kind: 'unchanged' }
  /** For the operator: why not. */
  | { kind: 'refused'; reason: string };

/** `operator`: whoever ran the command, by `JETWAY_OPERATOR` or their account. */
export function administrativeEvent(
  action: Action,
  operator: string,
  particulars: JsonObject,
  digest: string | null = null,
): LedgerEvent {
  return ledgerEvent({
    action,
    outcome: 'done',
    digest,
    particulars: { operator, ...particulars },
  });
}

/** What was done, or that nothing had to be. */
export function administered(events: readonly LedgerEvent[]): Outcome<AdministrativeResult> {
  return {
    events,
    answer: (ledgerIndex) =>
      events.length > 0 ? { kind: 'done', ledgerIndex } : { kind: 'unchanged' },
  };
}

/** Requires that nothing was written. */
export function declined(reason: string): Outcome<AdministrativeResult> {
  return { events: [], answer: () => ({ kind: 'refused', reason }) };
}
