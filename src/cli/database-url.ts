/** A database's URL for commands that need no other setting, so that whoever runs them holds no key of the gateway. */
import { fileFaults } from '../config/setting-files.ts';
import type { CommandIo } from './command.ts';
import { OperatorError, readTextFile } from './operator-error.ts';

/** From `setting`, or the file that `<setting>_FILE` names. Throws OperatorError. */
export async function databaseUrl(
  env: CommandIo['env'],
  setting: 'JETWAY_DATABASE_URL' | 'JETWAY_DATABASE_OWNER_URL',
): Promise<string> {
  const url = env[setting];
  if (url) return url;
  const fileSetting = `${setting}_FILE`;
  const path = env[fileSetting];
  if (!path) throw new OperatorError(`${fileSetting} is not set: name the file with the URL`);
  const [fault] = fileFaults({ [fileSetting]: path });
  if (fault) throw new OperatorError(`${fileSetting}: ${fault.problem}; ${fault.remedy}`);
  return (await readTextFile(path)).trim();
}
