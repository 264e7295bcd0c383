/**
 * Refusals that come before an operation: a user assertion that does not hold, a body that is not valid, a
 * record type that nobody knows. Recorded as fully as those that an operation makes itself.
 */
import type { GatewayError } from '../errors/gateway-error.ts';
import { type Action, ledgerEvent } from '../ledger/ledger-event.ts';
import { refusal } from '../ledger/work.ts';
import { actorOf, type RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';

/** Always rejects: with the refusal at its index, or with why it could not be recorded. */
export function recordRefusal(
  { ledger }: Pick<Exchange, 'ledger'>,
  request: {
    context: RequestContext;
    purpose: string | undefined;
    action: Action;
    error: GatewayError;
  },
): Promise<never> {
  const { context, purpose, action, error } = request;
  const event = ledgerEvent({
    ...actorOf(context.caller),
    action,
    outcome: 'refused',
    request: context.requestId,
    purpose: purpose ?? null,
    reasonCodes: error.reasonCodes,
  });
  return ledger.write(async () => refusal<never>(event, error), context.caller.odsCode);
}
