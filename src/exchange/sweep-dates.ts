/**
 * Entries for dates at which a decision changes without anybody acting, so that the changes feed tells of them.
 * Every node sweeps, and the ledger's lock orders them: what one has taken the others do not find. A date is
 * taken in the transaction that writes its entry, so a node that is killed leaves it to be taken again.
 */
import type { Clock } from '../clock.ts';
import { findConsentsOfPersons } from '../consent/consent-store.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { getHead } from '../ledger/ledger-store.ts';
import type { Moment } from '../ledger/work.ts';
import { entryOf, staleEntryOf, traceLives } from './date-entries.ts';
import { findStaleTraces, isAnythingDue, moveTraceSweep, takeDueDates } from './due-date-store.ts';
import { type Periodical, startPeriodically } from './periodically.ts';
import { type ReadStanding, standingReader } from './standing.ts';

export interface DateSweepDeps {
  ledger: Pick<Ledger, 'write'>;
  /** For looking whether anything is due at all. */
  database: Queryable;
  /** That of the ledger's own transactions. */
  readStanding: ReadStanding;
  clock: Clock;
}

/** Taken under the lock at a time: of dates, and as many again of traces. */
const chunk = 100;
const everyMs = 5_000;

/** Sweeps until nothing is due; resolves to the number of entries that this took. */
export type SweepDates = () => Promise<number>;

export function dateSweeper(deps: DateSweepDeps): SweepDates {
  const { ledger, database, clock } = deps;
  // never the one of the ledger's transactions: what is read without the lock must not be remembered there
  const readStanding = standingReader();
  return async () => {
    let entries = 0;
    for (;;) {
      const head = await getHead(database);
      const at = new Date(Math.max(head.at, clock.now().getTime()));
      const { agreements } = await readStanding(database, head);
      if (!(await isAnythingDue(database, at, traceLives(agreements)))) return entries;
      entries += await ledger.write((tx, moment) => sweepChunk(deps, tx, moment));
    }
  };
}

async function sweepChunk(deps: DateSweepDeps, tx: Queryable, moment: Moment) {
  const at = new Date(moment.at);
  const { agreements } = await deps.readStanding(tx, moment);
  const due = await takeDueDates(tx, at, chunk);
  const lapsing = due.filter(({ what }) => what === 'consent.lapsed');
  const consents =
    lapsing.length === 0
      ? []
      : await findConsentsOfPersons(
          tx,
          lapsing.flatMap(({ personId }) => personId ?? []),
        );
  const facts = { at: moment.at, consents, agreements };
  const stale = await findStaleTraces(tx, at, traceLives(agreements), chunk);
  const last = stale.at(-1);
  if (last) await moveTraceSweep(tx, stale.length < chunk ? at : last.staleAt);
  const events = [...due.flatMap((one) => entryOf(one, facts) ?? []), ...stale.map(staleEntryOf)];
  return { events, answer: () => events.length };
}

export function startDateSweeper(
  deps: DateSweepDeps,
  onError: (error: unknown) => void,
): Periodical {
  return startPeriodically(dateSweeper(deps), everyMs, onError);
}
