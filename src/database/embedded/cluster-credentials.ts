/** The generated passwords of an embedded cluster: kept beside it, mode 0600, never printed. */
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMembers } from './json-file.ts';

export interface ClusterCredentials {
  /** Of the role that owns everything and runs migrations. */
  owner: string;
  /** Of the role that the gateway works under. */
  gateway: string;
}

const fileOf = (dataDir: string) => join(dataDir, 'credentials.json');

export function hasCredentials(dataDir: string): boolean {
  return existsSync(fileOf(dataDir));
}

export function loadCredentials(dataDir: string): ClusterCredentials {
  return readMembers(fileOf(dataDir), ['owner', 'gateway']);
}

export function createCredentials(dataDir: string): ClusterCredentials {
  const credentials = {
    owner: randomBytes(24).toString('hex'),
    gateway: randomBytes(24).toString('hex'),
  };
  writeFileSync(fileOf(dataDir), JSON.stringify(credentials), { flag: 'wx', mode: 0o600 });
  return credentials;
}
