/** A gateway as a process of its own, as an operator starts it: what fault tests freeze and kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface GatewayProcess {
  exchangeUrl: string;
  logVerifierKey: string;
  process: ChildProcess;
  /** Resolves when the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Rejects where it ends before it has started. */
export async function startGatewayProcess(
  t: { teardown(undo: () => unknown): unknown },
  environment: Readonly<Record<string, string>>,
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env['PATH'], ...environment, JETWAY_LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await gone;
  };
  t.teardown(() => end('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const { kind, exchange, logVerifierKey } = JSON.parse(line);
    if (kind !== 'gateway.started') continue;
    child.stdout.resume();
    return { exchangeUrl: exchange, logVerifierKey, process: child, end };
  }
  throw new Error('the gateway ended before it had started');
}
