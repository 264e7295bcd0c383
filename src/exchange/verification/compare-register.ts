/**
 * Who may enter and under which agreements, held against the ledger: the rows are those that operators' acts add up
 * to, and there are no others. What was let in for a while and did something is found by its acts
 * (admitted-certificates.ts).
 */
import { isDeepStrictEqual } from 'node:util';
import type { Queryable } from '../../database/queryable.ts';
import type { Findings } from '../../ledger/verification/findings.ts';
import { type RecordedRegister, registerKinds, rowKey } from './recorded-register.ts';
import { findRegisterRows } from './register-row-store.ts';

/**
 * `recorded`: what all logs add up to, once they verify. Requires their snapshot in `tx`, and a login that may read the
 * rows. `log`: the newest, of which rows are told that belong to no entry.
 */
export async function compareRegister(
  tx: Queryable,
  recorded: RecordedRegister,
  { log: newest, findings }: { log: number; findings: Findings },
): Promise<void> {
  const rows = await findRegisterRows(tx);
  const stored = new Map(rows.map((row) => [rowKey([row.kind, row.key]), row]));
  // without its primary key a table may hold two, of which the gateway reads the other
  if (stored.size < rows.length) findings.addFault(newest, 'register rows stand there twice');
  for (const { kind, key, columns, log, index } of recorded.rows()) {
    const place = rowKey([kind, key]);
    const row = stored.get(place);
    if (!row) findings.addFault(log, `the ${kind} row that it wrote is missing`, index);
    else if (!isDeepStrictEqual(row.columns, columns))
      findings.addFault(log, `the ${kind} row that it wrote is not what it was`, index);
    stored.delete(place);
  }
  for (const kind of registerKinds) {
    const stray = [...stored.values()].filter((row) => row.kind === kind).length;
    if (stray > 0) findings.addFault(newest, `${kind} rows that no entry wrote (${stray})`);
  }
}
