/** A database's URL for commands that need no other setting, so that whoever runs them holds no key of the gateway. */
import { type UrlSetting, urlSettingOf } from '../config/load-config.ts';
import { fileFaults } from '../config/setting-files.ts';
import type { NamedDatabase } from '../database/database-fault.ts';
import type { CommandIo } from './command.ts';
import { OperatorError, readTextFile } from './operator-error.ts';

/** From `setting`, or the file that `<setting>_FILE` names. Throws OperatorError. */
export async function databaseUrl(
  env: CommandIo['env'],
  setting: UrlSetting,
): Promise<NamedDatabase> {
  const named = urlSettingOf(setting, env);
  const value = env[named];
  if (named === setting && value) return { url: value, setting };
  if (!value) throw new OperatorError(`${named} is not set: name the file with the URL`);
  const [fault] = fileFaults({ [named]: value });
  if (fault) throw new OperatorError(`${named}: ${fault.problem}; ${fault.remedy}`);
  return { url: (await readTextFile(value)).trim(), setting: named };
}
