/**
 * PostgreSQL without installing it, for trying and testing: the programs come from npm, the data lies in a
 * folder, and both work from any clone, as an ordinary user and as root. Not for production: the programs are
 * a beta build without pg_dump, and nobody watches over them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { ClusterCredentials } from './embedded/cluster-credentials.ts';
import { takeCluster } from './embedded/cluster-owner.ts';
import { prepareClusterPlaces } from './embedded/cluster-places.ts';
import {
  createDatabase,
  createGatewayRole,
  gatewayRole,
  hasDatabase,
} from './embedded/cluster-roles-store.ts';
import { initialiseCluster, ownerRole } from './embedded/initialise-cluster.ts';
import { postgresBinaries } from './embedded/postgres-binaries.ts';
import { type Postmaster, startPostmaster } from './embedded/postmaster.ts';
import { readPostmasterFile, stopLeftover } from './embedded/postmaster-file.ts';
import { queryClient } from './query-client.ts';
import type { Queryable } from './queryable.ts';

export interface EmbeddedPostgresOptions {
  /** Made when absent, mode 0700. The same folder gives the same database again. */
  dataDir: string;
  /** Made when absent. Default `jetway`. */
  database?: string;
  /** Server settings, for example `{ shared_buffers: '16MB' }`. What is not named is PostgreSQL's default. */
  settings?: Readonly<Record<string, string>>;
}

export interface DatabaseUrls {
  /** As the superuser of this cluster: migrations, administration. Holds a password. */
  ownerUrl: string;
  /** As the plain role that the gateway uses. Holds a password. */
  gatewayUrl: string;
}

export interface EmbeddedPostgres extends DatabaseUrls {
  pid: number;
  /** A further database of this cluster; a template must have no connections. */
  createDatabase(name: string, template?: string): Promise<DatabaseUrls>;
  /** Ends sessions, writes a checkpoint, waits for the end. May be called again. */
  stop(): Promise<void>;
  /** For fault tests. Resolves when the process is gone; then the folder can be started again. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** A clean stop takes well under a second; one that hangs is cut short, which costs a recovery at the next start. */
const stopLimitMs = 10_000;

export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const places = prepareClusterPlaces(options.dataDir);
  const giveBack = takeCluster(places.dataDir);
  try {
    await stopLeftover(places.pgdata);
    const wasKilled = readPostmasterFile(places.pgdata) !== undefined;
    const binDir = postgresBinaries(places.stagingDir);
    const credentials = initialiseCluster(places, binDir);
    const start = () => startPostmaster(places, binDir, options.settings ?? {});
    const postmaster = wasKilled ? await onceLetGo(start) : await start();
    void postmaster.exited.then(giveBack);
    return await openForUse(postmaster, credentials, options.database ?? 'jetway');
  } catch (error) {
    giveBack();
    throw error;
  }
}

/** How long the backends of a postmaster that was killed may hold on to its memory. */
const letGoMs = 10_000;

/** PostgreSQL refuses to start beside them, and they end by themselves. */
async function onceLetGo(start: () => Promise<Postmaster>): Promise<Postmaster> {
  for (let waitedMs = 0; waitedMs < letGoMs; waitedMs += 200) {
    try {
      return await start();
    } catch {
      await delay(200);
    }
  }
  return start();
}

async function openForUse(
  postmaster: Postmaster,
  credentials: ClusterCredentials,
  database: string,
): Promise<EmbeddedPostgres> {
  const urlsOf = (name: string): DatabaseUrls => ({
    ownerUrl: `postgres://${ownerRole}:${credentials.owner}@${postmaster.address}/${name}`,
    gatewayUrl: `postgres://${gatewayRole}:${credentials.gateway}@${postmaster.address}/${name}`,
  });
  const asOwner = (work: (queryable: Queryable) => Promise<void>) =>
    withClient(urlsOf('postgres').ownerUrl, work);

  async function kill(signal: NodeJS.Signals): Promise<void> {
    postmaster.kill(signal);
    await postmaster.exited;
  }

  async function stop(): Promise<void> {
    const impatient = setTimeout(() => postmaster.kill('SIGQUIT'), stopLimitMs);
    await kill('SIGINT');
    clearTimeout(impatient);
  }

  try {
    await asOwner(async (queryable) => {
      await createGatewayRole(queryable, credentials.gateway);
      if (!(await hasDatabase(queryable, database)))
        await createDatabase(queryable, database, 'template1');
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...urlsOf(database),
    pid: postmaster.pid,
    async createDatabase(name, template = 'template1') {
      await asOwner((queryable) => createDatabase(queryable, name, template));
      return urlsOf(name);
    },
    stop,
    kill,
  };
}

async function withClient(
  url: string,
  work: (queryable: Queryable) => Promise<void>,
): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'jetway embedded' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work({ query: (statement, values) => queryClient(client, statement, values) });
  } finally {
    await client.end();
  }
}
