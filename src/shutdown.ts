/**
 * How the process ends: the first signal drains, a second one or the deadline ends it at once. An exception
 * that nobody caught drains too, since the state behind it is not to be trusted for long.
 */
import closeWithGrace from 'close-with-grace';
import type { Clock } from './clock.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface ShutdownOptions {
  /** Stops everything in the reverse order of starting; resolves when nothing is left. */
  stop: () => Promise<void>;
  telemetry: Pick<Telemetry, 'observe' | 'flush'>;
  clock: Pick<Clock, 'monotonicMs'>;
  /** Default 10,000. */
  deadlineMs?: number;
}

export interface Shutdown {
  /** Ends the process as a signal would, with exit code 0. */
  close(): void;
  /** Takes the listeners off again, for what stops by itself. */
  uninstall(): void;
}

/** Exit codes: 0 drained, 1 after an uncaught error, a failed or late stop, or a second signal. */
export function installShutdown({
  stop,
  telemetry,
  clock,
  deadlineMs = 10_000,
}: ShutdownOptions): Shutdown {
  const { observe, flush } = telemetry;
  const lastWords = (text: string) => {
    observe({ kind: 'notice', text });
    flush();
  };
  return closeWithGrace(
    {
      delay: deadlineMs,
      logger: false,
      // A terminal that closes and a missing reader are reasons to end; a fault of the CPU is not ours to drain.
      skip: [
        'SIGILL',
        'SIGTRAP',
        'SIGABRT',
        'SIGBUS',
        'SIGFPE',
        'SIGSEGV',
        'SIGUSR2',
        'beforeExit',
      ],
      onSecondSignal: () => lastWords('second signal: ended without draining'),
      onSecondError: (error) => {
        observe({ kind: 'error.unexpected', error });
        flush();
      },
      onTimeout: () => lastWords('draining took too long: ended without it'),
    },
    async ({ err, signal }) => {
      if (err) observe({ kind: 'error.unexpected', error: err });
      observe({
        kind: 'gateway.stopping',
        reason: signal ?? (err ? 'uncaught error' : 'asked to'),
      });
      const startedAt = clock.monotonicMs();
      try {
        await stop();
        observe({
          kind: 'gateway.stopped',
          durationMs: Math.round(clock.monotonicMs() - startedAt),
        });
      } catch (error) {
        observe({ kind: 'error.unexpected', error });
        throw error;
      } finally {
        flush();
      }
    },
  );
}
