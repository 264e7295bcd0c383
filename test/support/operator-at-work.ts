/** Somebody who types the operator's commands, on a real database with the files of a real configuration. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { openDatabase } from '../../src/database/database.ts';
import { findEvents } from '../../src/ledger/event-store.ts';
import { testSettings } from './test-gateway.ts';

export async function operatorAtWork(t: Parameters<typeof testSettings>[0]) {
  const settings = await testSettings(t);
  const owner = openDatabase({ url: settings.database.ownerUrl, max: 2 });
  t.teardown(() => owner.end());
  const checkpointFile = settings.environment['JETWAY_CHECKPOINT_FILE'] ?? '';
  const folder = mkdtempSync(join(dirname(checkpointFile), 'cli-'));

  /** Types the words in another environment; `more` are values that have spaces. */
  async function typed(
    env: Readonly<Record<string, string>>,
    words: string,
    ...more: readonly string[]
  ) {
    const out: string[] = [];
    const err: string[] = [];
    const code = await dispatch(commands, [...words.split(' ').filter(Boolean), ...more], {
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      env,
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  }

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
