/** Words as somebody types them after `jetway`, and what comes of them. */
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';

/** Types the words in that environment; `more` are values that have spaces. */
export async function typed(
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
