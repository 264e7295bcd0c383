/**
 * Where the sandbox keeps what. By default certificates lie in certs/sandbox and everything else in var/sandbox,
 * both outside version control, and the manifest's paths are relative to the project's root; with
 * JETWAY_SANDBOX_DIR all of it lies in that folder, and paths are relative to it.
 */
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SandboxPlaces {
  /** What paths in the manifest are relative to. */
  root: string;
  certificatesDir: string;
  agreementsDir: string;
  databaseDir: string;
  /** Keys and secrets of the gateway itself. */
  secretsDir: string;
  manifestFile: string;
  /** The gateway's settings, for a shell and the other commands. Names secrets, holds none. */
  environmentFile: string;
  checkpointFile: string;
  logFile: string;
}

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** `sandboxDir` may be relative to the working directory; undefined for the default. */
export function sandboxPlaces(sandboxDir: string | undefined): SandboxPlaces {
  const root = resolve(sandboxDir ?? projectRoot);
  const dir = sandboxDir === undefined ? join(root, 'var', 'sandbox') : root;
  return {
    root,
    certificatesDir:
      sandboxDir === undefined ? join(root, 'certs', 'sandbox') : join(root, 'certs'),
    agreementsDir: join(dir, 'agreements'),
    databaseDir: join(dir, 'database'),
    secretsDir: join(dir, 'secrets'),
    manifestFile: join(dir, 'sandbox.json'),
    environmentFile: join(dir, 'sandbox.env'),
    checkpointFile: join(dir, 'checkpoint'),
    logFile: join(dir, 'gateway.log'),
  };
}

/** With forward slashes, so that the manifest reads the same everywhere. */
export function relativeTo(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}

/** As a person types it: relative where it lies below the working directory, else whole. */
export function asTyped(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
}
