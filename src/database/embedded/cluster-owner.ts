/**
 * One process at a time uses an embedded cluster: a second start of the same sandbox must be told so, and
 * must not stop the first one's database as a leftover.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMembers } from './json-file.ts';
import { identifyProcess, isSameProcess, type ProcessIdentity } from './process-identity.ts';

function readOwner(file: string): ProcessIdentity | undefined {
  try {
    const { pid, startedAt } = readMembers(file, ['pid', 'startedAt']);
    return { pid: Number(pid), startedAt };
  } catch {
    return undefined; // absent, or torn by a crash while it was written
  }
}

/** Throws when a living process holds the cluster. Returns what gives it back. */
export function takeCluster(dataDir: string): () => void {
  const file = join(dataDir, 'owner.json');
  const owner = readOwner(file);
  if (owner && isSameProcess(owner)) {
    throw new Error(
      `the database in ${dataDir} is in use by process ${owner.pid}: stop that one first`,
    );
  }
  rmSync(file, { force: true });
  // `wx`: of two that start at the same moment one fails here.
  const { pid, startedAt } = identifyProcess(process.pid);
  writeFileSync(file, JSON.stringify({ pid: String(pid), startedAt }), { flag: 'wx', mode: 0o600 });
  return () => rmSync(file, { force: true });
}
