/**
 * `jetway database migrate`: brings the tables to this release. Needs the owner's URL and nothing else, so
 * that the job which may change tables holds no key of the gateway.
 */
import { fileFaults } from '../config/setting-files.ts';
import { migrate } from '../database/migrate.ts';
import { parseOptions } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { OperatorError, readTextFile } from './operator-error.ts';

const urlSetting = 'JETWAY_DATABASE_OWNER_URL';
const fileSetting = `${urlSetting}_FILE`;

export const databaseMigrateCommand: Command = {
  name: 'database migrate',
  summary: 'bring the database to the schema of this release',
  usage: `jetway database migrate

Applies pending migrations in one transaction, as the role that owns the tables: ${fileSetting}
(or ${urlSetting}, without a password). Needs no other setting. May be repeated.

Exit code: 0 done or nothing to do, 1 it failed and nothing was changed, 2 the arguments cannot be used.`,
  async run(args, io) {
    parseOptions(args, {});
    const applied = await migrate(await ownerUrl(io.env));
    for (const name of applied) io.out(`applied ${name}`);
    if (applied.length === 0) io.out('nothing to do: the database is up to date');
    return 0;
  },
};

async function ownerUrl(env: CommandIo['env']): Promise<string> {
  const url = env[urlSetting];
  if (url) return url;
  const path = env[fileSetting];
  if (!path)
    throw new OperatorError(`${fileSetting} is not set: name the file with the owner's URL`);
  const [fault] = fileFaults({ [fileSetting]: path });
  if (fault) throw new OperatorError(`${fileSetting}: ${fault.problem}; ${fault.remedy}`);
  return (await readTextFile(path)).trim();
}
