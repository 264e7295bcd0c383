/** The columns of payloads in a statement that reads them. */
import { maxUnpackedBytes } from './stored-payloads.ts';

/**
 * Null where there is more than the ledger writes: somebody has put it there, and reading it would take a process down.
 * `row`: the alias of `ledger_payloads`.
 */
export function payloadColumns(row: string): string {
  return ['payloads', 'packed']
    .map(
      (column) =>
        `case when octet_length(${row}.${column}) <= ${maxUnpackedBytes} then ${row}.${column} end as ${column}`,
    )
    .join(', ');
}
