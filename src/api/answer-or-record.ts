/** Answers a call; a refusal that no operation has recorded is recorded before the partner reads it. */
import type { ErrorCode } from '../errors/error-code.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { verifyContentDigest } from './content-digest.ts';
import type { Operations } from './operations.ts';
import { type ContextDeps, contextOf } from './request-context.ts';
import type { Answer, Call, CallContext, Route } from './route.ts';

/** Nobody was refused anything: the gateway could not do its part. */
const ownTroubles: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL_ERROR',
  'LEDGER_UNAVAILABLE',
  'TOO_BUSY',
]);

export async function answerOrRecord(
  deps: ContextDeps & { operations: Pick<Operations, 'recordRefusal'> },
  route: Route,
  call: Call,
): Promise<Answer> {
  const { odsCode, system, fingerprint256 } = call.peer;
  const caller = { odsCode, system, fingerprint256, assertion: undefined };
  // until its assertion is verified, a call is its system's
  let asked: CallContext = { context: { caller, requestId: call.requestId }, purpose: undefined };
  try {
    asked = await contextOf(deps, call);
    verifyContentDigest(call.headers['content-digest'], call.body);
    return await route.answer(call, asked);
  } catch (error) {
    const isRefusal = error instanceof GatewayError && !ownTroubles.has(error.code);
    if (!isRefusal || error.ledgerIndex !== undefined || !route.action) throw error;
    return deps.operations.recordRefusal({ ...asked, action: route.action, error });
  }
}
