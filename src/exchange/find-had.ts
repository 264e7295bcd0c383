/** Which records of others an organisation has had: those alone are reported as gone. */
import type { Queryable } from '../database/queryable.ts';
import { findEvents, type LedgerPosition } from '../ledger/event-store.ts';
import { findMaybeHad, type RecordKey } from './change-store.ts';

/** Entries that are read at once, and how often for one person and type. */
const pageSize = 100;
const maxPages = 10;

/**
 * Never under the head's lock: where several custodians hold records of one type about one person, the entries of
 * what was pulled are read for whose it was, page by page.
 */
export async function findHad(
  queryable: Queryable,
  organisation: string,
  clients: readonly string[],
): Promise<readonly RecordKey[]> {
  const found = await findMaybeHad(queryable, organisation, clients);
  const had = found.filter(({ isCertain }) => isCertain);
  const open = Map.groupBy(
    found.filter(({ isCertain }) => !isCertain),
    ({ personId, recordType }) => `${personId} ${recordType}`,
  );
  for (const records of open.values()) {
    had.push(...(await amongPulled(queryable, organisation, records)));
  }
  return had;
}

/**
 * Requires records of one person and type. What is not decided by the newest thousand entries counts as had: one
 * notice too many is of a record of a known person, one too few leaves a copy in use.
 */
async function amongPulled<Key extends RecordKey>(
  queryable: Queryable,
  organisation: string,
  records: readonly Key[],
): Promise<readonly Key[]> {
  const [first] = records;
  if (!first) return [];
  const { personId, recordType } = first;
  const about = { personId, organisation, recordType } as const;
  const open = new Set(records);
  let before: LedgerPosition | undefined;
  for (let page = 1; ; page += 1) {
    const entries = await findEvents(
      queryable,
      { ...about, action: 'record.disclosed', outcome: 'permitted' },
      { limit: pageSize, before },
    );
    // its own records are among the entries, and never among those looked for
    for (const { payload } of entries) {
      for (const record of open) if (record.custodian === payload.custodian) open.delete(record);
    }
    before = entries.at(-1);
    if (open.size === 0 || entries.length < pageSize) break;
    if (page === maxPages) return records;
  }
  return records.filter((record) => !open.has(record));
}
