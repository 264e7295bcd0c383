/** What is submitted to the ledger: work that reads, decides and writes under the head's lock. */
import type { Queryable } from '../database/queryable.ts';
import type { GatewayError } from '../errors/gateway-error.ts';
import type { LedgerEvent } from './ledger-event.ts';

/** The instant under the lock at which work reads, decides and writes. */
export interface Moment {
  /** Epoch milliseconds: max(the head's last, the clock). Never runs backwards along the ledger. */
  at: number;
  /** The monotonic clock when the lock was held: an authorisation lives five seconds from here. */
  monotonicMs: number;
  /** Number of the current log. */
  log: number;
  /** The index that the first event of this work will have. */
  index: number;
  registerVersion: number;
  agreementsVersion: number;
  /** Rises with every change of a person's state or links; as of when the head was locked. */
  peopleVersion: number;
  /** What a node remembers under these versions is of one timeline: in another they may stand for something else. */
  timeline: string;
}

export const authorisationLifeMs = 5_000;

/** What one piece of work leaves in the ledger, and how its caller is answered once that is committed. */
export interface Outcome<Reply> {
  events: readonly LedgerEvent[];
  /** Called after the commit with the index of the first event; throws where the answer is a refusal. */
  answer(firstIndex: number): Reply;
}

/** Bounded, indexed statements only. Runs in a savepoint: a throw undoes this work and no other. */
export type Work<Reply> = (tx: Queryable, moment: Moment) => Promise<Outcome<Reply>>;

/** Runs once for all inputs of a transaction, with set-based statements. One outcome per input, in order. */
export type BatchWork<Input, Reply> = (
  tx: Queryable,
  moment: Moment,
  inputs: readonly Input[],
) => Promise<readonly Outcome<Reply>[]>;

/** Thrown by a writer: undo what it wrote, and record that it was refused. */
export class RecordedRefusal extends Error {
  override readonly name = 'RecordedRefusal';
  readonly event: LedgerEvent;
  readonly error: GatewayError;
  /** What stands although the rest is undone. */
  readonly lasting: ((tx: Queryable) => Promise<void>) | undefined;

  constructor(event: LedgerEvent, error: GatewayError, lasting?: (tx: Queryable) => Promise<void>) {
    super(error.message, { cause: error });
    this.event = event;
    this.error = error;
    this.lasting = lasting;
  }
}

/** An outcome that is a refusal: recorded, then thrown at the caller with its index. */
export function refusal<Reply>(event: LedgerEvent, error: GatewayError): Outcome<Reply> {
  return {
    events: [event],
    answer(firstIndex) {
      throw error.recordedAt(firstIndex);
    },
  };
}
