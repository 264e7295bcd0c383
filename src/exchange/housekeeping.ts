/** What is kept for a while only: receipts, used assertions, counts of failed traces. In small chunks. */
import { deleteFailedTracesBefore } from '../clients/failed-trace-store.ts';
import type { Clock } from '../clock.ts';
import type { Queryable } from '../database/queryable.ts';
import { deleteAssertionsBefore } from '../participants/used-assertion-store.ts';
import { deleteReceiptsBefore } from './idempotency-store.ts';

const everyMs = 60_000;
const hourMs = 3_600_000;

async function tidy(queryable: Queryable, now: Date): Promise<void> {
  const ago = (hours: number) => new Date(now.getTime() - hours * hourMs);
  await deleteReceiptsBefore(queryable, ago(24));
  await deleteAssertionsBefore(queryable, ago(1));
  await deleteFailedTracesBefore(queryable, ago(24));
}

export function startHousekeeping(
  queryable: Queryable,
  clock: Clock,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  let tidying: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    tidying = tidy(queryable, clock.now()).catch(onError);
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await tidying;
    },
  };
}
