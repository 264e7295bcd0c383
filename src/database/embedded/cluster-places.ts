/**
 * Where the files of an embedded PostgreSQL lie. For an ordinary user all within the data folder. For root
 * the account nobody must reach them, which a home of mode 0700 forbids: then they are staged below /var/tmp,
 * at a path derived from the data folder's, and the data folder keeps a note of it.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresAccount, type RunAs } from './run-as.ts';

export interface ClusterPlaces {
  runAs: RunAs | undefined;
  /** Ours alone: passwords, and who is using the cluster. */
  dataDir: string;
  /** Holds `pgdata` and the log. */
  clusterDir: string;
  pgdata: string;
  logFile: string;
  /** Short enough for a socket's path (107 bytes on Linux, 103 on macOS). */
  socketDir: string;
  /** Where binaries are staged for `runAs`; undefined where they can run from where they are. */
  stagingDir: string | undefined;
}

const longestSocketDir = 103 - '/.s.PGSQL.5432'.length;

/**
 * Makes a folder, or takes one that is there only if it is a real folder of ours that nobody else can write:
 * in a shared temporary folder anybody may have put a link or a folder of theirs first.
 */
function ownFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  const stat = lstatSync(path);
  const foreign = process.geteuid !== undefined && stat.uid !== process.geteuid();
  if (
    !stat.isDirectory() ||
    foreign ||
    (process.platform !== 'win32' && (stat.mode & 0o022) !== 0)
  ) {
    throw new Error(`${path} is not a folder that only we can write: remove it`);
  }
  chmodSync(path, mode);
}

/** Handed to PostgreSQL's account; its parent is ours alone, so nothing of others can stand here. */
function handedFolder(path: string, runAs: RunAs | undefined): void {
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
  if (runAs) chownSync(path, runAs.uid, runAs.gid);
}

/** Makes every folder but `pgdata`. The same data folder always gives the same places. */
export function prepareClusterPlaces(dataDir: string): ClusterPlaces {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chmodSync(dataDir, 0o700);
  const runAs = postgresAccount();
  const home = realpathSync(dataDir);
  const key = createHash('sha256').update(home).digest('hex').slice(0, 16);
  const stagingDir =
    runAs && join(existsSync('/var/tmp') ? '/var/tmp' : tmpdir(), 'jetway-postgres');
  if (stagingDir) ownFolder(stagingDir, 0o711);
  const clusterDir = stagingDir ? join(stagingDir, key) : home;
  if (stagingDir) {
    ownFolder(clusterDir, 0o711);
    writeFileSync(join(home, 'cluster-location'), `${clusterDir}\n`);
  }
  let socketDir = join(clusterDir, 'socket');
  if (Buffer.byteLength(socketDir) > longestSocketDir) {
    const shared = join(tmpdir(), `jetway-${process.geteuid?.() ?? 'postgres'}`);
    ownFolder(shared, 0o700);
    socketDir = join(shared, key);
  }
  handedFolder(socketDir, runAs);
  return {
    runAs,
    dataDir: home,
    clusterDir,
    pgdata: join(clusterDir, 'pgdata'),
    logFile: join(clusterDir, 'postgres.log'),
    socketDir,
    stagingDir,
  };
}

/** For good. The cluster must have been stopped. */
export function removeCluster(dataDir: string): void {
  const places = prepareClusterPlaces(dataDir);
  for (const path of [places.pgdata, places.clusterDir, places.socketDir, places.dataDir]) {
    rmSync(path, { recursive: true, force: true });
  }
}
