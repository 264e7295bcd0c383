/**
 * Which of its clients an organisation has to be told of next, without a lock: entries below the committed size
 * are final. A page is a whole piece of the ledger from the cursor on, so no entry is passed over and nobody
 * who is touched again and again is put off.
 */
import { wasEverParty } from '../agreements/agreement-store.ts';
import type { Queryable } from '../database/queryable.ts';
import { findEvent } from '../ledger/event-store.ts';
import type { LedgerSize } from '../ledger/ledger-growth.ts';
import { findTouched, findTracedClients, type TouchedClient } from './change-store.ts';
import type { ChangesCursor } from './changes-cursor.ts';

export interface TouchedPage {
  touched: readonly TouchedClient[];
  next: ChangesCursor;
  /** Whether there was more to look at when the ledger's size was read. */
  more: boolean;
}

export interface TouchedQuestion {
  organisation: string;
  cursor: ChangesCursor;
  /** Read before: what is committed later belongs to a later page. */
  head: LedgerSize;
  /** People on a page. */
  limit: number;
}

/** Entries that one statement looks at, and how often it may look for one answer. */
const stepSize = 5_000;
const maxSteps = 20;
/** Beyond it nobody looks whom changes of agreements concern: everybody is listed. */
const maxGeneral = 20;

export async function findTouchedClients(
  queryable: Queryable,
  question: TouchedQuestion,
): Promise<TouchedPage> {
  const { organisation, cursor, head, limit } = question;
  const { log } = cursor;
  if (cursor.listedTo !== undefined) return listEverybody(queryable, question, cursor);
  let from = cursor.index;
  for (let step = 1; ; step += 1) {
    const range = { organisation, log, from, until: head.size };
    const found = await findTouched(queryable, range, { steps: stepSize, limit });
    const { last } = found;
    const isWhole = last === null || found.scanned < stepSize;
    const until = isWhole ? head.size : last + 1;
    if (found.general && (await concerns(queryable, organisation, log, found.general))) {
      return listEverybody(queryable, question, { log, index: until, listedTo: '' });
    }
    const index = found.fullAt ?? until;
    if (found.touched.length > 0 || isWhole || step === maxSteps) {
      const next = { log, index, listedTo: undefined };
      return { touched: found.touched, next, more: index < head.size };
    }
    from = until;
  }
}

/** Clients in order; each is told of as of the cursor's index, and decided on when it is read. */
async function listEverybody(
  queryable: Queryable,
  { organisation, head, limit }: TouchedQuestion,
  { log, index, listedTo = '' }: ChangesCursor,
): Promise<TouchedPage> {
  // one more than asked, to know whether there is a next page
  const found = await findTracedClients(queryable, organisation, {
    after: listedTo,
    limit: limit + 1,
  });
  const clients = found.slice(0, limit);
  const isLast = found.length <= limit;
  return {
    touched: clients.map((client) => ({ client, index: Math.max(0, index - 1) })),
    next: { log, index, listedTo: isLast ? undefined : clients.at(-1) },
    more: !isLast || index < head.size,
  };
}

/** Whether one of the agreements that entries speak of has, or ever had, the organisation as a party. */
async function concerns(
  queryable: Queryable,
  organisation: string,
  log: number,
  indexes: readonly number[],
): Promise<boolean> {
  if (indexes.length > maxGeneral) return true;
  const found = await Promise.all(indexes.map((index) => findEvent(queryable, log, index)));
  const ids = found.flatMap((entry) => {
    const id = entry?.payload.particulars?.['agreement'];
    return typeof id === 'string' ? [id] : [];
  });
  return ids.length > 0 && wasEverParty(queryable, organisation, ids);
}
