/** Operations that leave an entry like any write, and whose answer is what was read under the lock. */
import type { Exchange } from './exchange.ts';
import { type Effect, performWrite, type WriteRequest, type WriteScope } from './perform-write.ts';

export interface ReadingRequest<Target, Reply>
  extends Omit<WriteRequest<Target>, 'idempotency' | 'effect'> {
  /** Tells the reply, unless it refuses. */
  effect(scope: WriteScope, target: Target, tell: (reply: Reply) => void): Promise<Effect>;
}

/** Throws the refusal. The reply is told after the commit. */
export async function performReading<Target, Reply>(
  exchange: Exchange,
  { effect, ...request }: ReadingRequest<Target, Reply>,
): Promise<Reply> {
  // the work runs again where its transaction failed for a neighbour's sake: the last run is the one committed
  const runs: Reply[] = [];
  await performWrite<Target>(exchange, {
    ...request,
    idempotency: undefined,
    effect: (scope, target) => effect(scope, target, (reply) => void runs.push(reply)),
  });
  const committed = runs.at(-1);
  if (committed === undefined) throw new Error('a reading was recorded, and its work never ran');
  return committed;
}
