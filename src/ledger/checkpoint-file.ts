/**
 * The last signed checkpoint, kept in a file outside the database: the one witness that a database restored
 * from an older backup cannot contradict. Written so that after a power cut there is the old one or the
 * new one, never half of either.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type LogCheckpoint, type LogVerifier, parseLogCheckpoint } from './log-checkpoint.ts';

/** Whatever the file holds; undefined where there is no file. */
export async function readCheckpointNote(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Undefined where there is no file. Throws LEDGER_UNAVAILABLE where it holds no checkpoint of the verifier's. */
export async function readCheckpointFile(
  path: string,
  verifier: LogVerifier,
): Promise<LogCheckpoint | undefined> {
  const note = await readCheckpointNote(path);
  return note === undefined ? undefined : parseLogCheckpoint(verifier, note);
}

/** Resolves once it would survive a power cut. */
export async function keepCheckpoint(path: string, checkpoint: LogCheckpoint): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  const file = await open(temporary, 'w', 0o644);
  try {
    await file.writeFile(checkpoint.note);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFolderOf(path);
}

/** Moves the file out of the way, to `<path>.<log>.old`; an older one of the same log is replaced. */
export async function setCheckpointAside(path: string, log: number): Promise<string> {
  const aside = `${path}.${log}.old`;
  await rename(path, aside);
  await syncFolderOf(path);
  return aside;
}

/** A renaming is durable once its folder is. Windows cannot open folders, and journals renames itself. */
async function syncFolderOf(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
