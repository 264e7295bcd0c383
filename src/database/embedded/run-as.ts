/**
 * Who PostgreSQL runs as. It refuses to run as root ("must not be run as root"), so root hands it to the
 * account that is nobody; anyone else runs it as themselves.
 */
import { readFileSync } from 'node:fs';

export interface RunAs {
  uid: number;
  gid: number;
}

/** One line of passwd(5): `nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin`. */
export function findAccount(passwd: string, name: string): RunAs | undefined {
  const fields = passwd
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':');
  const [uid, gid] = [
    Number.parseInt(fields?.[2] ?? '', 10),
    Number.parseInt(fields?.[3] ?? '', 10),
  ];
  // macOS writes -2 for an unsigned 32-bit id.
  return Number.isNaN(uid) || Number.isNaN(gid) ? undefined : { uid: uid >>> 0, gid: gid >>> 0 };
}

/** Undefined: as whoever we are. */
export function postgresAccount(): RunAs | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const account = findAccount(readFileSync('/etc/passwd', 'utf8'), 'nobody');
  if (account === undefined || account.uid === 0) {
    throw new Error(
      'PostgreSQL cannot run as root, and /etc/passwd has no account nobody: start as another user',
    );
  }
  return account;
}
