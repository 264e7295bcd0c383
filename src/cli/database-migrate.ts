/**
 * `jetway database migrate`: brings the tables to this release. Needs the owner's URL and nothing else, so
 * that the job which may change tables holds no key of the gateway.
 */
import { databaseFault, requireReachable } from '../database/database-fault.ts';
import { migrate } from '../database/migrate.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';
import { databaseUrl } from './database-url.ts';

const setting = 'JETWAY_DATABASE_OWNER_URL';

export const databaseMigrateCommand: Command = {
  name: 'database migrate',
  summary: 'bring the database to the schema of this release',
  usage: `jetway database migrate

Applies pending migrations in one transaction, as the role that owns the tables: ${setting}_FILE
(or ${setting}, without a password). Needs no other setting. May be repeated.

Exit code: 0 done or nothing to do, 1 it failed and nothing was changed, 2 the arguments cannot be used.`,
  async run(args, io) {
    parseOptions(args, {});
    const named = await databaseUrl(io.env, setting);
    await requireReachable(named);
    const applied = await migrate(named.url).catch((error: unknown) => {
      throw databaseFault(error, named.setting) ?? error;
    });
    for (const name of applied) io.out(`applied ${name}`);
    if (applied.length === 0) io.out('nothing to do: the database is up to date');
    return 0;
  },
};
