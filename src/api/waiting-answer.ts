/** An answer that may wait for news, where its caller prefers that (RFC 7240 section 4.3) and finds a place to wait. */
import type { Patience } from '../exchange/await-growth.ts';
import { appliedWait, waitSecondsOf } from './prefer.ts';
import type { Answer, Call } from './route.ts';
import type { WaitingPlaces } from './waiting-places.ts';

export async function waitingAnswer(
  waiting: WaitingPlaces,
  call: Call,
  answer: (wait: Patience | undefined) => Promise<Answer>,
): Promise<Answer> {
  const seconds = waitSecondsOf(call.headers);
  const leave = seconds > 0 ? waiting.take(call.peer.odsCode) : undefined;
  if (!leave) return answer(undefined);
  try {
    const answered = await answer({ ms: seconds * 1_000, signal: call.gone() });
    return { ...answered, preferenceApplied: appliedWait(seconds) };
  } finally {
    leave();
  }
}
