/** Which records of others an organisation has had: those alone are reported as gone. */
import type { Queryable } from '../database/queryable.ts';
import { findEvents, type LedgerPosition } from '../ledger/event-store.ts';
import { findHeldRecords, type RecordKey } from './change-store.ts';

/** Entries that are read at once. */
const pageSize = 100;

/**
 * Requires a connection of its own, since it may take its time: where several custodians hold records of one type
 * about one person, the entries of what was pulled are read for whose it was.
 */
export async function findHad(
  queryable: Queryable,
  organisation: string,
  clients: readonly string[],
): Promise<readonly RecordKey[]> {
  const held = await findHeldRecords(queryable, organisation, clients);
  const had = held.filter(({ isHad }) => isHad);
  const open = Map.groupBy(
    held.filter(({ isHad, mayBeHad }) => !isHad && mayBeHad),
    ({ personId, recordType }) => `${personId} ${recordType}`,
  );
  for (const records of open.values()) {
    had.push(...(await amongPulled(queryable, organisation, records)));
  }
  return had;
}

/** Requires records of one person and type. */
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
  for (;;) {
    const entries = await findEvents(
      queryable,
      { ...about, action: 'record.disclosed', outcome: 'permitted' },
      { limit: pageSize, before },
    );
    for (const { payload } of entries) {
      if (payload.reasonCodes.includes('OWN_RECORD')) continue;
      for (const record of open) if (record.custodian === payload.custodian) open.delete(record);
    }
    before = entries.at(-1);
    if (open.size === 0 || entries.length < pageSize) break;
  }
  return records.filter((record) => !open.has(record));
}
