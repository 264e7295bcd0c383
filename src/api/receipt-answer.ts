/** A receipt as the answer to the request that it is for. */
import type { Receipt } from '../exchange/receipt.ts';
import type { Answer } from './route.ts';

export function receiptAnswer({ status, body, etag, ledgerIndex }: Receipt): Answer {
  return {
    status,
    body: JSON.stringify(body),
    ledgerIndex,
    ...(etag !== undefined && { etag }),
  };
}
