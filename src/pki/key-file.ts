/**
 * Private keys come from files that only their owner may read, in folders where nobody else can replace them; anything
 * laxer is refused at start-up (the rule of OpenSSH for its own keys). Windows has no such mode bits and relies on
 * the folder.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { openFolderOf } from './open-folder.ts';

const groupOrOthers = constants.S_IRWXG | constants.S_IRWXO;

/** For the operator: names the file and the remedy, never its contents. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

export interface LoadedKey {
  pem: string;
  key: KeyObject;
}

function read(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new KeyFileError(`${path} cannot be opened`, { cause });
  }
  try {
    // The open file is asked, not the path: nobody can swap the file in between.
    const status = fstatSync(file);
    if (!status.isFile()) throw new KeyFileError(`${path} is not a file`);
    if (process.platform !== 'win32' && (status.mode & groupOrOthers) !== 0) {
      throw new KeyFileError(`${path} is open to others than its owner: chmod 600 ${path}`);
    }
    const open = openFolderOf(path);
    if (open) {
      const { folder, mode } = open;
      const problem = `lies in a folder that others may write to (mode ${mode})`;
      throw new KeyFileError(`${path} ${problem}: chmod go-w ${folder}`);
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/**
 * A private key in PEM. Throws `KeyFileError` where it is missing, open to others, replaceable by them, or no such
 * key.
 */
export function loadKeyFile(path: string): LoadedKey {
  const pem = read(path);
  try {
    return { pem, key: createPrivateKey(pem) };
  } catch {
    // The cause is dropped: OpenSSL's messages may quote the input.
    throw new KeyFileError(`${path} does not hold an unencrypted private key in PEM`);
  }
}
