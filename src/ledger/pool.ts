/** The vocabulary between the ledger's pool and its transactions: who waits, and what became of them. */
import type { Queryable } from '../database/queryable.ts';
import type { LedgerEvent } from './ledger-event.ts';
import type { Moment, Outcome } from './work.ts';

/** One caller's place in the pool. Rejected where there was no commit for it. */
export interface Ticket {
  group: WorkGroup;
  /** The organisation that it is for: those that wait take turns by it. Undefined: the gateway itself. */
  party: string | undefined;
  /** Takes statements of its own under the lock; the others' tickets share theirs. */
  isWriter: boolean;
  reject(error: unknown): void;
}

/** Work whose tickets of one transaction are performed together. */
export interface WorkGroup {
  /** A ticket left out of the answer was refused by itself, without a trace in the database. */
  perform(tx: Queryable, moment: Moment, tickets: readonly Ticket[]): Promise<readonly Performed[]>;
}

/** What a ticket's work left, to be settled once it is committed. */
export interface Performed {
  ticket: Ticket;
  events: readonly LedgerEvent[];
  settle(firstIndex: number): void;
}

export function performed<Reply>(
  ticket: Ticket,
  outcome: Outcome<Reply>,
  resolve: (reply: Reply) => void,
): Performed {
  return {
    ticket,
    events: outcome.events,
    settle(firstIndex) {
      try {
        resolve(outcome.answer(firstIndex));
      } catch (error) {
        ticket.reject(error);
      }
    },
  };
}
