/** What was typed after a command, read strictly: a misspelt option must not be passed over. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The words were off: answered with the command's usage and exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Throws UsageError for unknown options, missing values and stray words. */
export function parseOptions<const Known extends Options>(args: readonly string[], options: Known) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the arguments cannot be used');
  }
}

/** The same with one word before or among the options: whom or what the command is about, named as in its usage. */
export function parseOptionsOf<const Known extends Options>(
  args: readonly string[],
  subject: string,
  options: Known,
) {
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : 'the arguments cannot be used');
    }
  })();
  const [word, ...more] = parsed.positionals;
  if (word === undefined) throw new UsageError(`${subject} is needed`);
  if (more.length > 0) throw new UsageError(`one ${subject} at a time`);
  return { subject: word, values: parsed.values };
}

export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new UsageError(`${option} is needed`);
  return value;
}
