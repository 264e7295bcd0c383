/**
 * A second entry for a pull, only when its answer demonstrably did not leave: the first says that the
 * disclosure was authorised, this one that it did not happen.
 */
import type { LedgerEvent } from '../ledger/ledger-event.ts';
import type { Exchange } from './exchange.ts';

export async function recordUndelivered(
  { ledger }: Pick<Exchange, 'ledger'>,
  { event, ledgerIndex }: { event: LedgerEvent; ledgerIndex: number },
): Promise<void> {
  await ledger.write(async () => ({
    events: [
      {
        ...event,
        outcome: 'failed',
        reasonCodes: ['NOT_DELIVERED'],
        decision: null,
        particulars: { authorisedIndex: ledgerIndex },
      },
    ],
    answer: () => undefined,
  }));
}
