/**
 * One pooled transaction: lock the head, perform, append, commit, settle. Order of writes and what
 * recovery does: nothing is answered before COMMIT is acknowledged; a COMMIT without a clear answer means
 * that the outcome is unknown, and then the batch itself is looked for under the lock. An answer is never
 * given on a guess.
 */
import { type Clock, elapsedMs } from '../clock.ts';
import type { DedicatedConnection } from '../database/dedicated-connection.ts';
import { postgresFailure } from '../database/postgres-errors.ts';
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { type AppendedBatch, appendEvents } from './append.ts';
import type { LedgerSize } from './ledger-growth.ts';
import { appendStatement, appendValues, beginAndLockHead, hasBatch } from './ledger-store.ts';
import type { Performed, Ticket } from './pool.ts';

export interface LedgerTransactions {
  /** Settles or rejects every ticket; never throws. */
  run(tickets: readonly Ticket[]): Promise<void>;
}

export type LedgerObservation =
  | {
      kind: 'ledger.committed';
      entries: number;
      members: number;
      durationMs: number;
      /** How far the ledger's time was ahead of this node's clock: it stands still until then. */
      aheadMs: number;
    }
  | { kind: 'ledger.failed'; members: number; error: unknown };

export interface LedgerTransactionOptions {
  connection: DedicatedConnection;
  clock: Clock;
  observe: (observation: LedgerObservation) => void;
  /** The size after each commit that added entries, before anybody is answered. Must not throw. */
  onGrown?: (ledger: LedgerSize) => void;
}

/** COMMIT went out and no clear word came back. */
class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
  readonly batch: AppendedBatch;

  constructor(batch: AppendedBatch, cause: unknown) {
    super('the outcome of a COMMIT is unknown', { cause });
    this.batch = batch;
  }
}

export function ledgerTransactions(options: LedgerTransactionOptions): LedgerTransactions {
  const { connection, clock, observe, onGrown } = options;

  function answer(done: readonly Performed[], batch: AppendedBatch | undefined): void {
    if (batch) onGrown?.({ log: batch.log, size: batch.next.frontier.size });
    settle(done, batch);
  }

  async function run(tickets: readonly Ticket[]): Promise<void> {
    const startedMs = clock.monotonicMs();
    const work = transaction(clock, tickets);
    try {
      const { notices, value: batch } = await connection.exchange(work.perform);
      if (notices.length > 0 && batch) throw new OutcomeUnknown(batch, notices);
      answer(work.done, batch);
      const durationMs = elapsedMs(clock, startedMs);
      const entries = batch?.events.length ?? 0;
      const { aheadMs } = work;
      observe({ kind: 'ledger.committed', entries, members: tickets.length, durationMs, aheadMs });
    } catch (error) {
      observe({ kind: 'ledger.failed', members: tickets.length, error });
      const { committing } = work;
      await recover(tickets, work.done, committing ? new OutcomeUnknown(committing, error) : error);
    }
  }

  async function recover(
    tickets: readonly Ticket[],
    done: readonly Performed[],
    error: unknown,
  ): Promise<void> {
    if (error instanceof OutcomeUnknown) {
      if (await isCommitted(error.batch)) return answer(done, error.batch);
      return refuse(tickets, error);
    }
    const { kind } = postgresFailure(error);
    const isInputsFault = kind === 'data' || kind === 'constraint';
    if (!isInputsFault || tickets.length === 1) return refuse(tickets, error);
    // one bad request must not fail its neighbours: each runs alone, once
    for (const ticket of tickets) await run([ticket]);
  }

  async function isCommitted(batch: AppendedBatch): Promise<boolean> {
    try {
      const { value } = await connection.exchange(async (tx) => {
        // waits for a COMMIT that the server may still be at
        await beginAndLockHead(tx);
        const found = await hasBatch(tx, batch);
        await tx.query('rollback');
        return found;
      });
      return value;
    } catch {
      return false;
    }
  }

  return { run };
}

/** Work for one exchange, which leaves behind what was performed and whether COMMIT was sent. */
function transaction(clock: Clock, tickets: readonly Ticket[]) {
  const state: {
    done: readonly Performed[];
    aheadMs: number;
    /** The batch from the moment COMMIT goes out until its word is back. */
    committing: AppendedBatch | undefined;
    perform: (tx: Queryable) => Promise<AppendedBatch | undefined>;
  } = {
    done: [],
    aheadMs: 0,
    committing: undefined,
    async perform(tx) {
      const head = await beginAndLockHead(tx);
      const now = clock.now().getTime();
      state.aheadMs = Math.max(0, head.at - now);
      const moment = {
        at: now + state.aheadMs,
        monotonicMs: clock.monotonicMs(),
        log: head.log,
        registerVersion: head.registerVersion,
        agreementsVersion: head.agreementsVersion,
        peopleVersion: head.peopleVersion,
        timeline: head.timeline,
      };
      const done: Performed[] = [];
      for (const group of new Set(batchedFirst(tickets).map((ticket) => ticket.group))) {
        const ofGroup = tickets.filter((ticket) => ticket.group === group);
        const index = head.frontier.size + done.reduce((sum, { events }) => sum + events.length, 0);
        done.push(...(await group.perform(tx, { ...moment, index }, ofGroup)));
      }
      state.done = done;
      const events = done.flatMap((performed) => performed.events);
      if (events.length === 0) {
        expectCommit((await tx.query('commit')).commandTag);
        return undefined;
      }
      const batch = appendEvents(head, events, moment.at);
      // insert and COMMIT travel together: a connection lost from here on leaves open whether both arrived
      state.committing = batch;
      const appended = tx.query(appendStatement, appendValues(batch));
      const committed = tx.query('commit');
      await appended.catch((error: unknown) => {
        // told that the insert failed, so there was nothing that COMMIT could have kept
        if (postgresFailure(error).kind !== 'unavailable') state.committing = undefined;
        throw error;
      });
      expectCommit((await committed).commandTag);
      state.committing = undefined;
      return batch;
    },
  };
  return state;
}

/** Before any writer: so that batched work finds people as they were when the head was locked (known-links.ts). */
function batchedFirst(tickets: readonly Ticket[]): readonly Ticket[] {
  return tickets.toSorted((a, b) => Number(a.isWriter) - Number(b.isWriter));
}

/** PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, and no error. */
function expectCommit(commandTag: string): void {
  if (commandTag !== 'COMMIT') throw new Error(`COMMIT was answered with ${commandTag}`);
}

function settle(done: readonly Performed[], batch: AppendedBatch | undefined): void {
  let index = batch?.firstIndex ?? 0;
  for (const performed of done) {
    performed.settle(index);
    index += performed.events.length;
  }
}

function refuse(tickets: readonly Ticket[], cause: unknown): void {
  for (const ticket of tickets) {
    ticket.reject(new GatewayError('LEDGER_UNAVAILABLE', { retryAfterSeconds: 2, cause }));
  }
}
