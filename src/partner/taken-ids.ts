/** Which deliveries a file of JSON lines has already: how a consumer knows what comes again after a crash. */
import { open } from 'node:fs/promises';
import { memberOf, textOf } from './reply-members.ts';

/** None where there is no file yet. Lines that a crash has cut off tell of nothing. */
export async function readTakenIds(path: string): Promise<Set<string>> {
  const ids = new Set<string>();
  try {
    const file = await open(path);
    for await (const line of file.readLines()) {
      const id = idOf(line);
      if (id !== '') ids.add(id);
    }
  } catch (error) {
    if (memberOf(error, 'code') !== 'ENOENT') throw error;
  }
  return ids;
}

function idOf(line: string): string {
  try {
    return textOf(JSON.parse(line), 'delivery');
  } catch {
    return '';
  }
}
