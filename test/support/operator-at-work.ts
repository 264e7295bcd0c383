/** Somebody who types the operator's commands, on a real database with the files of a real configuration. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openDatabase } from '../../src/database/database.ts';
import { findEvents } from '../../src/ledger/event-store.ts';
import { testSettings } from './test-gateway.ts';
import { typed } from './typed-words.ts';

export async function operatorAtWork(t: Parameters<typeof testSettings>[0]) {
  const settings = await testSettings(t);
  const owner = openDatabase({ url: settings.database.ownerUrl, max: 2 });
  t.teardown(() => owner.end());
  const checkpointFile = settings.environment['JETWAY_CHECKPOINT_FILE'] ?? '';
  const folder = mkdtempSync(join(dirname(checkpointFile), 'cli-'));

  return {
    settings,
    owner,
    checkpointFile,
    typed,
    /** Types the words, with values after `--name` as they come; gives what was printed. */
    jetway: (words: string, ...more: readonly string[]) =>
      typed(settings.environment, words, ...more),
    file(name: string, text: string | Buffer): string {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    },
    async newestEvent() {
      const [event] = await findEvents(owner, {}, { limit: 1 });
      return event?.payload;
    },
  };
}
