/** What is kept for a while only: receipts, used assertions, counts of failed traces. In small chunks. */
import { deleteFailedTracesBefore } from '../clients/failed-trace-store.ts';
import type { Clock } from '../clock.ts';
import type { Queryable } from '../database/queryable.ts';
import { deleteAssertionsBefore } from '../participants/used-assertion-store.ts';
import { deleteReceiptsBefore } from './idempotency-store.ts';
import { type Periodical, startPeriodically } from './periodically.ts';
import { receiptHours } from './receipt.ts';

const everyMs = 60_000;
const chunk = 1_000;
const hourMs = 3_600_000;

export async function tidy(queryable: Queryable, now: Date): Promise<void> {
  const ago = (hours: number) => new Date(now.getTime() - hours * hourMs);
  await inChunks(() => deleteReceiptsBefore(queryable, ago(receiptHours), chunk));
  await inChunks(() => deleteAssertionsBefore(queryable, ago(1), chunk));
  await deleteFailedTracesBefore(queryable, ago(24));
}

/** Until a chunk comes back that is not full. */
async function inChunks(deleteSome: () => Promise<number>): Promise<void> {
  while ((await deleteSome()) === chunk);
}

export function startHousekeeping(
  queryable: Queryable,
  clock: Clock,
  onError: (error: unknown) => void,
): Periodical {
  return startPeriodically(() => tidy(queryable, clock.now()), everyMs, onError);
}
