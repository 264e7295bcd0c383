/**
 * Makes the files of a new cluster with initdb: UTF-8, byte order, checksums, and a password for every
 * connection (never `trust`: other users of the machine can reach a loopback port).
 */
import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ClusterCredentials,
  createCredentials,
  hasCredentials,
  loadCredentials,
} from './cluster-credentials.ts';
import type { ClusterPlaces } from './cluster-places.ts';

export const ownerRole = 'jetway_owner';
/** Nothing of ours: PostgreSQL obeys a number of PG* variables. */
export const postgresEnvironment = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };

/**
 * Does nothing where a whole cluster and its passwords are. Without the passwords (the data folder was
 * removed, what root had staged for it was not) a cluster is lost to everybody, and is made anew.
 */
export function initialiseCluster(places: ClusterPlaces, binDir: string): ClusterCredentials {
  if (!hasCredentials(places.dataDir)) {
    rmSync(places.pgdata, { recursive: true, force: true });
    createCredentials(places.dataDir);
  }
  const credentials = loadCredentials(places.dataDir);
  if (!existsSync(places.pgdata)) runInitdb(places, binDir, credentials);
  return credentials;
}

function runInitdb(places: ClusterPlaces, binDir: string, credentials: ClusterCredentials): void {
  // Aside, then renamed: an interrupted initdb is never taken for a cluster. A folder of its own, so that
  // the account it runs as can write there and can read the password, and nobody else can.
  const work = join(places.clusterDir, 'initialising');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { mode: 0o700 });
  try {
    const passwordFile = join(work, 'password');
    writeFileSync(passwordFile, credentials.owner, { flag: 'wx', mode: 0o600 });
    const { runAs } = places;
    if (runAs) for (const path of [work, passwordFile]) chownSync(path, runAs.uid, runAs.gid);
    const pgdata = join(work, 'pgdata');
    const { status, stderr, error } = spawnSync(
      join(binDir, 'initdb'),
      [
        ...['--pgdata', pgdata, '--username', ownerRole, '--pwfile', passwordFile],
        ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-locale', '--no-instructions'],
      ],
      { ...runAs, cwd: work, env: postgresEnvironment, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`initdb failed: ${stderr ?? ''}`.trim(), { cause: error });
    renameSync(pgdata, places.pgdata);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
