/**
 * Whether others may write to the folder that a secret lies in: who may can put another file in its place, and nobody
 * sees it of the file. Folders above are the host's affair. The sticky bit leaves renaming to each file's owner;
 * Kubernetes mounts secrets so.
 */
import { constants, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const groupOrOthersWrite = constants.S_IWGRP | constants.S_IWOTH;
const sticky = 0o1000;

export interface OpenFolder {
  folder: string;
  /** Octal digits, as chmod takes them. */
  mode: string;
  /** Whether the path is a link, and the folder is that of the file behind it. */
  isBehindLink: boolean;
}

/**
 * The folder of the path, or that of the file that it leads to, where others may write there; undefined where neither
 * is so, and on Windows, which has no such bits. Requires a file that is there.
 */
export function openFolderOf(path: string): OpenFolder | undefined {
  if (process.platform === 'win32') return undefined;
  const folder = dirname(path);
  const behind = dirname(realpathSync(path));
  const isOpen = (each: string) => {
    const { mode } = statSync(each);
    return (mode & groupOrOthersWrite) !== 0 && (mode & sticky) === 0;
  };
  const open = [folder, behind].find(isOpen);
  if (open === undefined) return undefined;
  const mode = (statSync(open).mode & 0o7777).toString(8);
  return { folder: open, mode, isBehindLink: open !== folder };
}
