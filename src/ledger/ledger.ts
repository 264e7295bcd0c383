/**
 * The ledger as the serial order of the system. Work that arrives while a transaction is under way waits
 * and shares the next one: lock the head, run the batched work once for all, then the writers one after the
 * other, append every event, commit, and only then answer. One transaction at a time per node; the head's row
 * lock orders the nodes. Where more wait than one transaction takes, organisations take turns.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { GatewayError } from '../errors/gateway-error.ts';
import type { LedgerTransactions } from './ledger-transactions.ts';
import { performed, type Ticket, type WorkGroup } from './pool.ts';
import { takeTurns } from './take-turns.ts';
import type { BatchWork, Work } from './work.ts';
import { writerGroup } from './writer-group.ts';

export interface LedgerLimits {
  /** Members of one transaction. */
  maxBatch: number;
  /** Of these, writers: each has statements of its own, and all of them hold the lock. Default 24. */
  maxWriters?: number;
  /** Members waiting; above it work is refused with TOO_BUSY, so that a backlog never builds. */
  maxWaiting: number;
}

/**
 * A transaction costs about the same for one member as for fifty, so where requests come thick, the next one
 * waits for more of them, up to three times, and goes as soon as nobody new has come; where they come one by one,
 * nobody waits.
 */
const lingerMs = 2;
const maxLingers = 3;

/** A writer takes some milliseconds on a busy machine, and a transaction has two seconds. */
const defaultMaxWriters = 24;

export class Ledger {
  readonly #transactions: LedgerTransactions;
  readonly #limits: LedgerLimits;
  readonly #writers = writerGroup();
  #waiting: Ticket[] = [];
  #flushing: Promise<void> | undefined;
  #closed = false;

  constructor(transactions: LedgerTransactions, limits: LedgerLimits) {
    this.#transactions = transactions;
    this.#limits = limits;
  }

  /**
   * Resolves after the commit. Rejects with the work's own error, TOO_BUSY or LEDGER_UNAVAILABLE. `party` is the
   * organisation that asks.
   */
  write<Reply>(work: Work<Reply>, party?: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#enqueue(this.#writers.ticket(work, party, resolve, reject));
    });
  }

  /** Batched work: the inputs of all callers of one transaction are run together. */
  batch<Input, Reply>(
    run: BatchWork<Input, Reply>,
    options?: { partyOf(input: Input): string },
  ): (input: Input) => Promise<Reply> {
    const members = new WeakMap<Ticket, { input: Input; resolve: (reply: Reply) => void }>();
    const group: WorkGroup = {
      async perform(tx, moment, tickets) {
        const pooled = tickets.flatMap((ticket) => {
          const member = members.get(ticket);
          return member ? [{ ticket, ...member }] : [];
        });
        const inputs = pooled.map(({ input }) => input);
        const outcomes = await run(tx, moment, inputs);
        return pooled.flatMap(({ ticket, resolve }, i) => {
          const outcome = outcomes[i];
          return outcome ? [performed(ticket, outcome, resolve)] : [];
        });
      },
    };
    return (input) =>
      new Promise((resolve, reject) => {
        const party = options?.partyOf(input);
        const ticket: Ticket = { group, party, isWriter: false, reject };
        members.set(ticket, { input, resolve });
        this.#enqueue(ticket);
      });
  }

  /** Members of the next transaction, and of those after it. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets what waits finish; what comes later is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
  }

  #enqueue(ticket: Ticket): void {
    if (this.#closed || this.#waiting.length >= this.#limits.maxWaiting) {
      const detail = this.#closed ? 'The gateway is stopping.' : 'Too many requests are waiting.';
      ticket.reject(new GatewayError('TOO_BUSY', { detail, retryAfterSeconds: 1 }));
      return;
    }
    this.#waiting.push(ticket);
    this.#flushing ??= this.#flushAll();
  }

  async #linger(): Promise<void> {
    for (let n = 0, before = 0; n < maxLingers; n += 1) {
      const { length } = this.#waiting;
      if (length === before || length >= this.#limits.maxBatch) return;
      before = length;
      await pause(lingerMs);
    }
  }

  async #flushAll(): Promise<void> {
    // one turn of the event loop, so that requests that arrived together share the first transaction too
    await new Promise((resume) => setImmediate(resume));
    let shared = 1;
    while (this.#waiting.length > 0) {
      if (shared > 1) await this.#linger();
      const { maxBatch, maxWriters = defaultMaxWriters } = this.#limits;
      const { tickets, rest } = takeTurns(this.#waiting, maxBatch, maxWriters);
      this.#waiting = rest;
      shared = tickets.length;
      await this.#transactions.run(tickets);
      // those who were just answered may have the next request on its way
      await new Promise((resume) => setImmediate(resume));
    }
    this.#flushing = undefined;
  }
}
