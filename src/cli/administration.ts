/**
 * What the operator's commands have in common: the gateway's own configuration, a ledger of their own, and
 * the name under which their acts are recorded. They run beside a gateway in use; the head's lock orders
 * them among its requests.
 */
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../clock.ts';
import { type Config, loadConfig } from '../config/load-config.ts';
import { type Database, openDatabase } from '../database/database.ts';
import { databaseFault, type NamedDatabase, requireReachable } from '../database/database-fault.ts';
import type { AdministrativeResult } from '../ledger/administrative-act.ts';
import type { LedgerWitness } from '../ledger/kept-continuity.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { logSigner } from '../ledger/log-checkpoint.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { loadKeyFile } from '../pki/key-file.ts';
import { loadSchemaRegistry, type SchemaRegistry } from '../records/schema-registry.ts';
import type { CommandIo } from './command.ts';
import { OperatorError } from './operator-error.ts';

const schemasDir = fileURLToPath(new URL('../../schemas', import.meta.url));

/** Who is responsible for a command. Of an account without a name, as in many containers, its number. */
export function operatorName({ operator }: Pick<Config, 'operator'>): string {
  if (operator !== undefined) return operator;
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

export function loadSchemas(): SchemaRegistry {
  return loadSchemaRegistry(schemasDir);
}

/** Runs on the configured database as the gateway's role, and closes it. */
export async function withDatabase<T>(
  env: CommandIo['env'],
  work: (database: Database, config: Config) => Promise<T>,
): Promise<T> {
  const config = loadConfig(env);
  const { url, urlSetting: setting } = config.database;
  return withDatabaseAt({ url, setting }, (database) => work(database, config));
}

/** The same with nothing but the database's URL. Its errors name the setting that the URL comes from. */
export async function withDatabaseAt<T>(
  named: NamedDatabase,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  await requireReachable(named);
  const database = openDatabase({ url: named.url, max: 4, applicationName: 'jetway cli' });
  try {
    return await work(database);
  } catch (error) {
    throw databaseFault(error, named.setting) ?? error;
  } finally {
    await database.end();
  }
}

export function witnessOf({ ledger }: Config): LedgerWitness {
  const { origin, keyFile, checkpointFile } = ledger;
  return { signer: logSigner(origin, loadKeyFile(keyFile).key), checkpointFile };
}

interface Administered {
  ledger: Ledger;
  database: Database;
  /** In whose name entries are written. */
  operator: string;
}

/** Throws OperatorError where the database does not extend the last checkpoint: then nothing may be added. */
export async function withLedger<T>(
  env: CommandIo['env'],
  work: (administered: Administered) => Promise<T>,
): Promise<T> {
  return withDatabase(env, async (database, config) => {
    const opened = await openLedger({
      ...witnessOf(config),
      database,
      url: config.database.url,
      limits: { maxBatch: 1, maxWaiting: 10 },
      clock: systemClock,
      // what goes wrong reaches the operator by what it makes fail
      observe: () => undefined,
    });
    try {
      const { continuity } = opened.publisher;
      if (!continuity.extends) throw new OperatorError(continuity.reason);
      return await work({ ledger: opened.ledger, database, operator: operatorName(config) });
    } finally {
      await opened.close();
    }
  });
}

/** Tells what became of an act, and gives the exit code. */
export function reportResult(result: AdministrativeResult, act: string, io: CommandIo): number {
  switch (result.kind) {
    case 'done':
      io.out(`${act}: done, ledger entry ${result.ledgerIndex}`);
      return 0;
    case 'unchanged':
      io.out(`${act}: nothing to do, it is so already`);
      return 0;
    case 'refused':
      io.err(`${act}: refused, ${result.reason}`);
      return 1;
  }
}
