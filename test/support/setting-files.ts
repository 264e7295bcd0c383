/** Files as settings name them: secrets, certificates and keys, good and bad, in a folder that goes with the test. */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import {
  ecKeyPair,
  signLeaf,
  testAuthorities,
  testClient,
  testServer,
} from './test-certificates.ts';

export const golden = new URL('../golden/config/', import.meta.url);

export function settingFiles(t: { teardown(undo: () => unknown): unknown }) {
  const dir = mkdtempSync(join(tmpdir(), 'jetway-config-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const file = (name: string, content: string | Buffer, mode: number) => {
    writeFileSync(join(dir, name), content);
    chmodSync(join(dir, name), mode);
  };
  file(
    'secret',
    'postgres://jetway:a-long-canary-of-more-than-32-bytes@db.example/jetway\n',
    0o600,
  );
  file('public.pem', 'certificate', 0o644);
  file('short', 'canary', 0o600);

  const { forServers, forClients } = testAuthorities();
  const server = testServer(forServers);
  const outbound = testClient(forClients, { keys: ecKeyPair('P-256', 'outbound') });
  const oddCurve = signLeaf(forClients, { keys: ecKeyPair('P-521') });
  const noteKey = generateKeyPairSync('ed25519').privateKey;
  file('server.pem', server.cert, 0o644);
  file('server.key', server.key, 0o600);
  file('outbound.pem', outbound.cert, 0o644);
  file('outbound.key', outbound.key, 0o600);
  file('curve.pem', oddCurve.cert, 0o644);
  file('curve.key', oddCurve.key, 0o600);
  file('client-ca.pem', forClients.certificate.toString(), 0o644);
  file('garbled.pem', server.cert.replaceAll(/^MII/gm, 'canary'), 0o644);
  file('note.key', noteKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);

  const environmentOf = (name: string) =>
    parseEnv(readFileSync(new URL(name, golden), 'utf8').replaceAll('$DIR', dir));
  return { dir, file, environmentOf, forClients, server, outbound };
}
