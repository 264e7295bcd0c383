/** Answers a call; a refusal that no operation has recorded is recorded before the partner reads it. */
import type { ErrorCode } from '../errors/error-code.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Operations } from './operations.ts';
import type { Answer, Call, Route } from './route.ts';

/** Nobody was refused anything: the gateway could not do its part. */
const ownTroubles: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL_ERROR',
  'LEDGER_UNAVAILABLE',
  'TOO_BUSY',
]);

export async function answerOrRecord(
  { recordRefusal }: Pick<Operations, 'recordRefusal'>,
  route: Route,
  call: Call,
): Promise<Answer> {
  try {
    return await route.answer(call);
  } catch (error) {
    const isRefusal = error instanceof GatewayError && !ownTroubles.has(error.code);
    if (!isRefusal || error.ledgerIndex !== undefined || !route.action) throw error;
    const { odsCode, system, fingerprint256 } = call.peer;
    const caller = { odsCode, system, fingerprint256, assertion: undefined };
    const context = { caller, requestId: call.requestId };
    return recordRefusal({ context, action: route.action, error });
  }
}
