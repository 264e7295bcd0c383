/**
 * The running server process: started apart from our process group (Ctrl-C in a terminal must not reach
 * it before the gateway has drained) and yet stopped whenever we end, however we end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterPlaces } from './cluster-places.ts';
import { postgresEnvironment } from './initialise-cluster.ts';
import { readPostmasterFile } from './postmaster-file.ts';

export interface Postmaster {
  pid: number;
  /** As pg and libpq write it in a URL: a socket's folder percent-encoded, or a host, and the port. */
  address: string;
  /** Resolves when the process is gone; keeps ours alive only once it was told to end. */
  exited: Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** How long a crash recovery may take. */
const startLimitMs = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

/** A socket in a folder that only PostgreSQL's account and root can enter; Windows gets a loopback port. */
async function listening(
  places: ClusterPlaces,
): Promise<{ address: string; settings: Record<string, string> }> {
  if (process.platform === 'win32') {
    const port = await freePort();
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
    };
    return { address: `127.0.0.1:${port}`, settings };
  }
  return {
    address: `${encodeURIComponent(places.socketDir)}:5432`,
    settings: { listen_addresses: '', port: '5432', unix_socket_directories: places.socketDir },
  };
}

/**
 * A shell that waits for our end of its standard input to close, as it does even when we are killed, and
 * then asks PostgreSQL to stop. A line on the input sends it home instead.
 */
function guard(pid: number, places: ClusterPlaces): () => void {
  if (process.platform === 'win32') return () => undefined;
  const shell = spawn('/bin/sh', ['-c', 'read -r line || kill -INT "$0"', String(pid)], {
    ...places.runAs,
    cwd: '/',
    env: postgresEnvironment,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a shell there is no guard; the next start then stops what was left.
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return () => shell.stdin.end('done\n');
}

function lastLines(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-4).join('\n');
}

async function untilReady(child: ChildProcess, places: ClusterPlaces): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  for (let waitedMs = 0; waitedMs < startLimitMs; waitedMs += 10) {
    if (failure) throw failure;
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`PostgreSQL did not start:\n${lastLines(places.logFile)}`);
    }
    const file = readPostmasterFile(places.pgdata);
    if (file?.ready && file.pid === child.pid) return;
    await delay(10);
  }
  child.kill('SIGQUIT');
  throw new Error(`PostgreSQL did not start in time; see ${places.logFile}`);
}

export async function startPostmaster(
  places: ClusterPlaces,
  binDir: string,
  settings: Readonly<Record<string, string>>,
): Promise<Postmaster> {
  const { address, settings: listen } = await listening(places);
  const options = Object.entries({
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    ...settings,
    ...listen,
  });
  const log = openSync(places.logFile, 'w', 0o600);
  const child = spawn(
    join(binDir, 'postgres'),
    ['-D', places.pgdata, ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      ...places.runAs,
      cwd: places.pgdata,
      env: postgresEnvironment,
      detached: true,
      stdio: ['ignore', log, log],
    },
  );
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  await untilReady(child, places);
  if (child.pid === undefined) throw new Error('PostgreSQL has no process id');
  const dismissGuard = guard(child.pid, places);
  void exited.then(dismissGuard);
  child.unref();
  const { pid } = child;
  return {
    pid,
    address,
    exited,
    kill(signal) {
      // From here on somebody waits for the end.
      child.ref();
      child.kill(signal);
    },
  };
}
