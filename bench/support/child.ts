/**
 * A process of its own for each server and for the load, so that processor time can be told apart. Orders
 * and reports go over Node's IPC channel, one at a time; a child ends when its parent does.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Child {
  pid: number;
  /** Sends an order and waits for its report. Throws when the child ends instead. */
  ask<Order extends object, Report>(order: Order): Promise<Report>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** File descriptor for its standard output, which goes nowhere otherwise. */
  outputFd?: number;
  nodeOptions?: readonly string[];
}

const stopLimitMs = 10_000;

export function startChild(file: URL, options: ChildOptions = {}): Child {
  const process = fork(file, [], {
    stdio: ['ignore', options.outputFd ?? 'ignore', 'inherit', 'ipc'],
    execArgv: [...(options.nodeOptions ?? [])],
  });
  const { pid } = process;
  if (pid === undefined) throw new Error(`could not start ${file.pathname}`);
  return {
    pid,
    async ask<Order extends object, Report>(order: Order): Promise<Report> {
      const heard = new AbortController();
      const { signal } = heard;
      process.send(order);
      const [report]: Report[] = await Promise.race([
        once(process, 'message', { signal }),
        once(process, 'exit', { signal }).then(() => []),
      ]);
      heard.abort();
      if (report === undefined) throw new Error(`${file.pathname} ended`);
      return report;
    },
    stop: () => stop(process),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  const impatient = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  if (child.connected) child.disconnect();
  await exited;
  clearTimeout(impatient);
}
