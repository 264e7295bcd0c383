/**
 * A partner's consumer: passes over what it polls, one after another, until it is told to stop. The gateway does the
 * waiting (`Prefer: wait`); where it does not, or is in trouble, the consumer waits by itself.
 */
import { setTimeout as passed } from 'node:timers/promises';
import type { Pass } from './inbox-poller.ts';
import { RefusedError } from './problem-line.ts';
import { mayRepeatError, mayRepeatStatus } from './repetition.ts';

export interface Poller {
  /** Throws what cannot be mended by asking again. */
  pass(waitSeconds: number): Promise<Pass>;
}

const waitSeconds = 20;
const pauseMs = 5_000;

export interface PollOptions {
  /** One pass that waits for nothing. */
  isOnce: boolean;
  signal: AbortSignal;
  /** The gateway cannot be reached, or is busy; it is asked again. */
  onTrouble(error: unknown): void;
}

/** Resolves when it was told to stop, or after the one pass. */
export async function poll(poller: Poller, options: PollOptions): Promise<void> {
  const { isOnce, signal, onTrouble } = options;
  while (!signal.aborted) {
    try {
      const { isQuiet, hasWaited } = await poller.pass(isOnce ? 0 : waitSeconds);
      if (isOnce) return;
      if (!isQuiet || hasWaited) continue;
    } catch (error) {
      if (signal.aborted) return;
      if (isOnce || !isPassing(error)) throw error;
      onTrouble(error);
    }
    await passed(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof RefusedError
    ? mayRepeatStatus(error.reply.status)
    : mayRepeatError(error);
}
