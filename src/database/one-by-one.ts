/**
 * For a connection that takes one statement at a time: those that are sent together wait for each other. The ledger's
 * own takes them together (dedicated-connection.ts).
 */
import type { Queryable } from './queryable.ts';

export function oneByOne(queryable: Queryable): Queryable {
  let last: Promise<unknown> = Promise.resolve();
  return {
    query<Row extends object>(...statement: Parameters<Queryable['query']>) {
      const next = last.then(() => queryable.query<Row>(...statement));
      last = next.catch(() => {});
      return next;
    },
  };
}
