/**
 * `postmaster.pid`, which a running PostgreSQL keeps in its data folder (source: src/include/utils/pidfile.h):
 * line 1 the process id, line 8 `ready` once connections are taken.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, worksIn } from './process-identity.ts';

export interface PostmasterFile {
  pid: number;
  ready: boolean;
}

export function readPostmasterFile(pgdata: string): PostmasterFile | undefined {
  try {
    const lines = readFileSync(join(pgdata, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number.parseInt(lines[0] ?? '', 10), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/**
 * A PostgreSQL whose starter was killed may still run on this folder: it is stopped cleanly. A file that
 * names some other living process is stale, though PostgreSQL would take it at its word.
 */
export async function stopLeftover(pgdata: string): Promise<void> {
  const left = readPostmasterFile(pgdata);
  if (left === undefined || !(left.pid > 1) || !isAlive(left.pid)) return;
  if (!worksIn(left.pid, pgdata)) {
    rmSync(join(pgdata, 'postmaster.pid'), { force: true });
    return;
  }
  process.kill(left.pid, 'SIGINT');
  for (let waitedMs = 0; worksIn(left.pid, pgdata); waitedMs += 20) {
    if (waitedMs === 10_000) process.kill(left.pid, 'SIGQUIT');
    if (waitedMs > 20_000)
      throw new Error(`PostgreSQL (process ${left.pid}) does not stop: stop it by hand`);
    await delay(20);
  }
}
