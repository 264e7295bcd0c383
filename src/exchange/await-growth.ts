/** Waiting for something to tell: for the ledger to grow, without a lock and without asking the database meanwhile. */
import type { Queryable } from '../database/queryable.ts';
import type { LedgerGrowth, LedgerSize } from '../ledger/ledger-growth.ts';
import { getHead } from '../ledger/ledger-store.ts';

/** How long somebody would wait, and what ends the wait earlier. */
export interface Patience {
  ms: number;
  signal: AbortSignal;
}

/** A busy ledger grows all the time: who waits there looks once a second. */
const lookEveryMs = 1_000;

export async function ledgerSize(queryable: Queryable): Promise<LedgerSize> {
  const { log, frontier } = await getHead(queryable);
  return { log, size: frontier.size };
}

/** Waits as long as there is time left. The first growth is worth a look at once, later ones once a second. */
export async function grows(
  growth: LedgerGrowth,
  size: number,
  { look, leftMs, signal }: { look: number; leftMs: number; signal: AbortSignal },
): Promise<boolean> {
  if (leftMs <= 0) return false;
  const pauseMs = look > 1 ? Math.min(lookEveryMs, leftMs) : 0;
  if (pauseMs > 0) await growth.waitBeyond(Number.POSITIVE_INFINITY, pauseMs, signal);
  return growth.waitBeyond(size, leftMs - pauseMs, signal);
}
