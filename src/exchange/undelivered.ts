/**
 * A second entry for a pull, only when its answer demonstrably did not leave: the first says that the
 * disclosure was authorised, this one that it did not happen.
 */
import { ledgerEvent } from '../ledger/ledger-event.ts';
import { actorOf, type RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';

export async function recordUndelivered(
  exchange: Pick<Exchange, 'ledger'>,
  { caller, requestId }: RequestContext,
  authorisedAt: number,
): Promise<void> {
  const event = ledgerEvent({
    ...actorOf(caller),
    action: 'record.disclosed',
    outcome: 'failed',
    request: requestId,
    reasonCodes: ['NOT_DELIVERED'],
    particulars: { authorisedAt },
  });
  await exchange.ledger.write(async () => ({ events: [event], answer: () => undefined }));
}
