/**
 * What a verification follows from the first entry on, and judges each entry by: who had been admitted, which agreement
 * was in force. It is told where it cannot know any more.
 */
import type { LedgerPosition } from '../event-store.ts';
import type { StoredEvent } from '../stored-event.ts';

export interface EventFollower {
  /** An entry is missing or does not open. */
  miss(): void;
  /**
   * What is wrong with the entry: a clause for an auditor. Requires the events of all logs, each once, in their
   * order.
   */
  misfitOf(event: StoredEvent, position: LedgerPosition): string | undefined;
}

export type EventJudge = Pick<EventFollower, 'misfitOf'>;

/** For those who know nothing more once an entry is missing: it may have been the one that tells. */
export function untilMissed(judge: EventJudge): EventFollower {
  let hasMissed = false;
  return {
    miss() {
      hasMissed = true;
    },
    misfitOf: (event, position) => (hasMissed ? undefined : judge.misfitOf(event, position)),
  };
}
