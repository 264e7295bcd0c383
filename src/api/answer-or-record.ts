/** Answers a call; a refusal that no operation has recorded is recorded before the partner reads it. */
import { verifyContentDigest } from '../encoding/content-digest.ts';
import type { Operations } from './operations.ts';
import { type ContextDeps, contextOf } from './request-context.ts';
import { unrecordedRefusal } from './request-refusal.ts';
import type { Answer, Call, CallContext, Route } from './route.ts';

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
    const refusal = unrecordedRefusal(error);
    if (refusal === undefined || !route.action) throw error;
    return deps.operations.recordRefusal({ ...asked, action: route.action, error: refusal });
  }
}
