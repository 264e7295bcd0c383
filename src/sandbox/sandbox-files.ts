/** Files of the sandbox are written whole or not at all: a second start trusts what it finds. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

const openMode = 0o644;
const secretMode = 0o600;
const groupOrOthersWrite = 0o022;

/** For secrets, which are refused in a folder that others may write to; many a umask would make it one. */
export function keepClosedFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  const { mode } = statSync(path);
  if ((mode & groupOrOthersWrite) !== 0) chmodSync(path, mode & ~groupOrOthersWrite);
}

/** By renaming, so that a reader sees the old file or the new one. Makes the folder. */
export function writeOpenFile(path: string, content: string | Buffer): void {
  writeWhole(path, content, openMode);
}

/** The same, for its owner's eyes alone. */
export function writeSecretFile(path: string, content: string | Buffer): void {
  writeWhole(path, content, secretMode);
}

/** What is there already, else what `make` makes. */
export function keepSecretFile(path: string, make: () => string): string {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  const content = make();
  writeSecretFile(path, content);
  return content;
}

function writeWhole(path: string, content: string | Buffer, mode: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, content, { mode });
  renameSync(partial, path);
}
