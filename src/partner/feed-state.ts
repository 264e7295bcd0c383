/**
 * What a consumer of the changes feed keeps between its runs: its cursor, and the ETags of what it holds. The file is
 * replaced as a whole, so that after a crash it is the old one or the new one.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { parseJson } from './outgoing-document.ts';
import { memberOf } from './reply-members.ts';

export interface FeedState {
  /** Null before the first page, and where everybody is to be listed anew. */
  cursor: string | null;
  /** ETags by `client recordType custodian`. */
  held: Record<string, string>;
}

export interface StateFile {
  load(): Promise<FeedState>;
  store(state: FeedState): Promise<void>;
}

/** In memory alone where no path is given. */
export function stateFile(path: string | undefined): StateFile {
  let known: FeedState | undefined;
  return {
    async load() {
      known ??= path === undefined ? undefined : await read(path);
      return known ?? { cursor: null, held: {} };
    },
    async store(state) {
      if (path !== undefined) await replace(path, `${JSON.stringify(state, null, 2)}\n`);
      known = state;
    },
  };
}

async function read(path: string): Promise<FeedState | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (memberOf(error, 'code') === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return parseFeedState(text);
  } catch (error) {
    throw new RangeError(`${path}: ${error instanceof Error ? error.message : 'unusable'}`);
  }
}

/** Throws RangeError. */
export function parseFeedState(text: string): FeedState {
  const value = parseJson(text);
  const cursor = memberOf(value, 'cursor');
  const held = memberOf(value, 'held');
  const isWhole = (cursor === null || typeof cursor === 'string') && typeof held === 'object';
  if (!isWhole || held === null) throw new RangeError('this is no state of a changes feed');
  const etags = Object.entries(held).filter(([, etag]) => typeof etag === 'string');
  return { cursor, held: Object.fromEntries(etags) };
}

async function replace(path: string, text: string): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  const file = await open(partial, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
}
