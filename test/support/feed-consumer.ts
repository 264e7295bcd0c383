/** A consumer of the changes feed over the exchange's operations: reads to the end and keeps what it is told. */
import type { Change } from '../../src/exchange/decided-changes.ts';
import { type ChangesRequest, readChanges } from '../../src/exchange/read-changes.ts';
import { centre } from './builders.ts';
import { contextOf, type TestExchange } from './test-exchange.ts';

export function readOf(changes: Partial<ChangesRequest> = {}, organisation = centre) {
  return {
    context: contextOf(organisation),
    purpose: 'TREAT',
    after: undefined,
    limit: 50,
    wait: undefined,
    ...changes,
  };
}

/** One page. */
export function readPage(
  exchange: TestExchange,
  changes: Partial<ChangesRequest> = {},
  organisation = centre,
) {
  return readChanges(exchange, readOf(changes, organisation));
}

/** A consumer that knows where it stands: each call tells what is new since the last. */
export async function follow(exchange: TestExchange, organisation = centre) {
  const start = await readAll(exchange, undefined, organisation);
  let { next } = start;
  return {
    get cursor() {
      return next;
    },
    start: start.changes,
    async news() {
      const read = await readAll(exchange, next, organisation);
      next = read.next;
      return read.changes;
    },
  };
}

/** Pages until there is no more. */
export async function readAll(
  exchange: TestExchange,
  after: string | undefined,
  organisation = centre,
  limit = 50,
): Promise<{ changes: readonly Change[]; next: string }> {
  const changes: Change[] = [];
  let next = after;
  for (;;) {
    const { body } = await readPage(exchange, { after: next, limit }, organisation);
    changes.push(...body.changes);
    next = body.next;
    if (!body.more) return { changes, next };
  }
}
