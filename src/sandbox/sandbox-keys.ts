/** Keys of the sandbox, made once and kept in files of mode 0600. Made off the main thread: RSA takes a while. */
import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { writeSecretFile } from './sandbox-files.ts';

const makeKeyPair = promisify(generateKeyPair);

/** RSA-3072 for authorities, RSA-2048 for partners (their PKCS#12 files need RSA), EC P-256 elsewhere. */
export type KeyKind = 'rsa-3072' | 'rsa-2048' | 'p-256' | 'ed25519';

export async function keepKey(path: string, kind: KeyKind): Promise<KeyObject> {
  if (existsSync(path)) return createPrivateKey(readFileSync(path));
  const key = await makeKey(kind);
  writeSecretFile(path, key.export({ type: 'pkcs8', format: 'pem' }));
  return key;
}

export async function makeKey(kind: KeyKind): Promise<KeyObject> {
  switch (kind) {
    case 'rsa-3072':
      return (await makeKeyPair('rsa', { modulusLength: 3072 })).privateKey;
    case 'rsa-2048':
      return (await makeKeyPair('rsa', { modulusLength: 2048 })).privateKey;
    case 'p-256':
      return (await makeKeyPair('ec', { namedCurve: 'P-256' })).privateKey;
    case 'ed25519':
      return (await makeKeyPair('ed25519')).privateKey;
  }
}
