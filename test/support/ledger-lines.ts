/** What the ledger's payloads say, as they stand in the database. */
import { ok } from 'node:assert/strict';
import type { Queryable } from '../../src/database/queryable.ts';
import { parseStoredEvent, type StoredEvent } from '../../src/ledger/stored-event.ts';
import { payloadLines, type StoredPayloads } from '../../src/ledger/stored-payloads.ts';

/** Every entry, oldest first. Throws where one cannot be read. */
export async function storedEvents(
  database: Queryable,
): Promise<readonly { index: number; event: StoredEvent }[]> {
  const { rows } = await database.query<StoredPayloads & { firstIndex: number }>(`
select first_index as "firstIndex", payloads, packed from ledger_payloads order by log, first_index`);
  return rows.flatMap(({ firstIndex, ...stored }) =>
    (payloadLines(stored) ?? ['']).map((line, i) => {
      const event = parseStoredEvent(line);
      ok(event, `entry ${firstIndex + i} can be read`);
      return { index: firstIndex + i, event };
    }),
  );
}
