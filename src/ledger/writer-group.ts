/**
 * Writers of one transaction, one after the other, each in a savepoint of its own: one that fails is
 * undone and refused alone, and its neighbours do not notice.
 */
import { postgresFailure } from '../database/postgres-errors.ts';
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { type Performed, performed, type Ticket, type WorkGroup } from './pool.ts';
import { type Moment, RecordedRefusal, refusal, type Work } from './work.ts';

type Writer = (tx: Queryable, moment: Moment, ticket: Ticket) => Promise<Performed>;

export interface WriterGroup {
  ticket<Reply>(
    work: Work<Reply>,
    party: string | undefined,
    resolve: (reply: Reply) => void,
    reject: (error: unknown) => void,
  ): Ticket;
}

export function writerGroup(): WriterGroup {
  const writers = new WeakMap<Ticket, Writer>();
  const group: WorkGroup = {
    async perform(tx, moment, tickets) {
      const done: Performed[] = [];
      let { index } = moment;
      for (const ticket of tickets) {
        const writer = writers.get(ticket);
        if (!writer) continue;
        const result = await inSavepoint(tx, { ...moment, index }, ticket, writer);
        if (result) {
          done.push(result);
          index += result.events.length;
        } else {
          // told no, it must not be performed after all when the others are tried again
          writers.delete(ticket);
        }
      }
      return done;
    },
  };
  return {
    ticket(work, party, resolve, reject) {
      const ticket: Ticket = { group, party, isWriter: true, reject };
      writers.set(ticket, async (tx, moment) => performed(ticket, await work(tx, moment), resolve));
      return ticket;
    },
  };
}

async function inSavepoint(
  tx: Queryable,
  moment: Moment,
  ticket: Ticket,
  writer: Writer,
): Promise<Performed | undefined> {
  await tx.query('savepoint writer');
  try {
    const result = await writer(tx, moment, ticket);
    await tx.query('release savepoint writer');
    return result;
  } catch (error) {
    const { kind } = postgresFailure(error);
    if (kind === 'unavailable') throw error;
    await tx.query('rollback to savepoint writer');
    if (error instanceof RecordedRefusal) {
      await error.lasting?.(tx);
      return performed(ticket, refusal(error.event, error.error), () => {});
    }
    // it waited in vain for a statement of its own: the head's lock was held before any writer began
    const isLate = kind === 'lock-timeout';
    ticket.reject(
      isLate
        ? new GatewayError('LEDGER_UNAVAILABLE', { retryAfterSeconds: 2, cause: error })
        : error,
    );
    return undefined;
  }
}
