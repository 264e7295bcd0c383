/** Observations as JSON lines: one a line, `kind` first, times in UTC. The only home of pino. */
import { destination, pino, stdTimeFunctions } from 'pino';
import { digestError } from './error-digest.ts';
import type { Observation, Observe } from './observation.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where lines go; standard output by default. */
export interface LogStream {
  write(line: string): unknown;
  /** Of a stream that gathers: writes what it holds, at once. */
  flushSync?(): void;
}

export interface Log {
  observe: Observe;
  /** Writes what is still buffered, at once. */
  flush(): void;
}

const levels: Record<Observation['kind'], LogLevel> = {
  'request.completed': 'info',
  'request.unreadable': 'info',
  'door.refused': 'warn',
  'door.unspoken': 'debug',
  'ledger.committed': 'debug',
  'ledger.failed': 'error',
  'checkpoint.signed': 'debug',
  'checkpoint.failed': 'error',
  'checkpoint.refused': 'error',
  'checkpoint.failing': 'debug',
  'checkpoint.resumed': 'info',
  'checkpoint.unwitnessed': 'warn',
  'delivery.attempted': 'info',
  'endpoint.failed': 'warn',
  'relay.failed': 'error',
  'register.stale': 'error',
  'certificate.loaded': 'info',
  'certificate.ending': 'warn',
  'gateway.started': 'info',
  'gateway.stopping': 'info',
  'gateway.stopped': 'info',
  'error.unexpected': 'error',
  notice: 'info',
};

/**
 * A line a request is a system call and the waking of a thread a request: they are gathered, for half a second
 * at most. As bytes: of text the destination would measure all that it holds again with each line.
 */
const gathered = {
  ...{ dest: 1, sync: false, minLength: 32_768, maxWrite: 65_536, periodicFlush: 500 },
  contentMode: 'buffer' as const,
};

function gatheredOutput(): LogStream {
  const output = destination(gathered);
  return {
    // its types know text alone
    write: (line) => Reflect.apply(output.write, output, [Buffer.from(line)]),
    flushSync: () => output.flushSync(),
  };
}

function fieldsOf(observation: Observation): object {
  if (!('error' in observation)) return observation;
  const { error, ...fields } = observation;
  return { ...fields, error: digestError(error) };
}

export function createLog(level: LogLevel, stream?: LogStream): Log {
  const output = stream ?? gatheredOutput();
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    output,
  );
  return {
    observe(observation) {
      const severity = levels[observation.kind];
      if (!logger.isLevelEnabled(severity)) return;
      logger[severity](fieldsOf(observation));
    },
    flush: () => output.flushSync?.(),
  };
}
