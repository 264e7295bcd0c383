/**
 * A file of JSON lines that takes over what was read: a line counts once it is on disk. A line that a crash has cut
 * off is closed at the next start, and what it was about comes again as a whole line.
 */
import { open } from 'node:fs/promises';

export interface LineFile {
  /** Resolves when the line is on disk. */
  append(line: string): Promise<void>;
  close(): Promise<void>;
}

export async function openLineFile(path: string): Promise<LineFile> {
  const file = await open(path, 'a+', 0o600);
  const { size } = await file.stat();
  if (size > 0) {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer.toString() !== '\n') await file.appendFile('\n');
  }
  return {
    async append(line) {
      await file.appendFile(`${line}\n`);
      await file.datasync();
    },
    close: () => file.close(),
  };
}
