/** Files that settings name: secrets must be ours alone, and stay so, before anything of them is read. */
import { accessSync, constants, lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { openFolderOf } from '../pki/open-folder.ts';
import type { ConfigurationFault } from './configuration-error.ts';
import type { Environment } from './parse-settings.ts';

/** Files that hold a secret: mode 0600 or stricter, in a folder that others cannot write to. */
const secretFileSettings = [
  'JETWAY_TLS_KEY_FILE',
  'JETWAY_LEDGER_KEY_FILE',
  'JETWAY_MAC_KEY_FILE',
  'JETWAY_CLIENT_KEY_FILE',
  'JETWAY_SIGNING_KEY_FILE',
  'JETWAY_DATABASE_URL_FILE',
  'JETWAY_DATABASE_OWNER_URL_FILE',
] as const;

const groupOrWorld = 0o077;
const leastMacKeyBytes = 32;
/** A checkpoint is written under its name and that of the process, then renamed (src/ledger/checkpoint-file.ts). */
const longestSuffix = '.4294967295.new';

function accessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** Undefined when it is a readable file. */
function fileFault(setting: string, path: string): ConfigurationFault | undefined {
  if (accessible(path, constants.R_OK) && statSync(path).isFile()) return undefined;
  return {
    setting,
    problem: 'names no file that can be read',
    remedy: 'correct the path or the permissions',
  };
}

function secretFileFault(setting: string, path: string): ConfigurationFault | undefined {
  const fault = fileFault(setting, path);
  // Windows has no such bits.
  if (fault || process.platform === 'win32') return fault;
  if ((statSync(path).mode & groupOrWorld) !== 0) {
    return {
      setting,
      problem: 'names a file that others may read or write',
      remedy: 'chmod 600 it, and make a new secret',
    };
  }
  const open = openFolderOf(path);
  return (
    open && {
      setting,
      problem: `${open.isBehindLink ? 'is a link into' : 'lies in'} a folder that others may write to (mode ${open.mode})`,
      remedy: 'chmod go-w the folder, and see that the secret is still yours',
    }
  );
}

/** The file itself may not be there yet; it is replaced by renaming, so its folder must be writable. */
function checkpointFault(setting: string, path: string): ConfigurationFault | undefined {
  if (path.endsWith('/') || path.endsWith(sep)) {
    return { setting, problem: 'ends as a folder does', remedy: 'name a file in the folder' };
  }
  const folder = dirname(path);
  if (!accessible(folder, constants.W_OK | constants.X_OK) || !statSync(folder).isDirectory()) {
    return {
      setting,
      problem: 'lies in a folder that cannot be written',
      remedy: 'make the folder, outside the database',
    };
  }
  if (isNameTooLong(path + longestSuffix)) {
    return { setting, problem: 'is too long a name for the file system', remedy: 'shorten it' };
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink()) {
    return {
      setting,
      problem: 'names a link, in whose place the first checkpoint would be put',
      remedy: 'name the file that it leads to',
    };
  }
  return found && fileFault(setting, path);
}

function isNameTooLong(path: string): boolean {
  try {
    lstatSync(path, { throwIfNoEntry: false });
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENAMETOOLONG';
  }
}

function macKeyFault(setting: string, path: string): ConfigurationFault | undefined {
  if (readMacKey(path).length >= leastMacKeyBytes) return undefined;
  return {
    setting,
    problem: 'holds fewer than 32 bytes',
    remedy: 'make one: head -c 32 /dev/urandom | base64',
  };
}

/** Of whatever paths are set, however wrong the other settings are. */
export function fileFaults(environment: Environment): readonly ConfigurationFault[] {
  const faults: (ConfigurationFault | undefined)[] = [];
  const check = (
    setting: string,
    faultOf: (setting: string, path: string) => ConfigurationFault | undefined,
  ) => {
    const path = environment[setting];
    if (path) faults.push(faultOf(setting, path));
  };
  for (const setting of secretFileSettings) check(setting, secretFileFault);
  check('JETWAY_MAC_KEY_FILE', (setting, path) =>
    secretFileFault(setting, path) ? undefined : macKeyFault(setting, path),
  );
  check('JETWAY_TLS_CERTIFICATE_FILE', fileFault);
  check('JETWAY_CLIENT_CA_FILE', fileFault);
  check('JETWAY_CLIENT_CERTIFICATE_FILE', fileFault);
  check('JETWAY_CHECKPOINT_FILE', checkpointFault);
  return faults.filter((fault) => fault !== undefined);
}

/** Base64 where the whole file is that, raw bytes otherwise (32 random bytes never look like base64). */
export function readMacKey(path: string): Buffer {
  const bytes = readFileSync(path);
  const text = bytes.toString('latin1').trim();
  return /^[A-Za-z0-9+/]{40,}={0,2}$/.test(text) ? Buffer.from(text, 'base64') : bytes;
}

export function readTextFile(path: string): string {
  return readFileSync(path, 'utf8').trim();
}
