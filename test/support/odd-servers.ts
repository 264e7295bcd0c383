/** Servers that are no endpoint of the partner kit's: with certificates of other names and dates, or without HTTP. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { issueServerCertificate } from '../../src/pki/leaf-certificate.ts';
import { credential, ecKeyPair } from './test-certificates.ts';
import { endpointAuthorities } from './test-endpoint.ts';

/** For one name alone. */
export function serverFor(
  name: string,
  authority = endpointAuthorities.forServers,
  now = new Date(),
) {
  const { publicKey, privateKey } = ecKeyPair();
  const names = [{ kind: 'dns', value: name }] as const;
  return credential(issueServerCertificate(authority, { publicKey, names, now }), privateKey);
}

/** Whatever listens for TCP on loopback; gives its URL. */
export async function listening(
  t: { teardown(undo: () => unknown): unknown },
  onSocket: (s: Socket) => void,
) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, url: `https://localhost:${address.port}/` };
}
