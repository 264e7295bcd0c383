/**
 * A partner's own server, as a hospital or a council would run it: HTTPS on loopback that takes nobody without
 * a client certificate of the sandbox's authority. It says who it is and who called.
 */

import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { CertificateAuthority } from '../pki/certificate-authority.ts';
import { issueServerCertificate } from '../pki/leaf-certificate.ts';
import { serverTlsOptions } from '../pki/server-tls-options.ts';
import type { BoroughParticipant } from './borough.ts';
import { makeKey } from './sandbox-keys.ts';

export interface PartnerEndpoint {
  odsCode: string;
  url: string;
  stop(): Promise<void>;
}

export interface PartnerEndpointOptions {
  participant: BoroughParticipant;
  /** Issues the endpoint's certificate. */
  serverAuthority: CertificateAuthority;
  /** PEM: whose client certificates are taken. */
  clientAuthority: string;
  now: Date;
}

/** On any free port; the certificate is made for this run. */
export async function startPartnerEndpoint(
  options: PartnerEndpointOptions,
): Promise<PartnerEndpoint> {
  const { participant, serverAuthority, clientAuthority, now } = options;
  const key = await makeKey('p-256');
  const certificate = issueServerCertificate(serverAuthority, {
    now,
    publicKey: createPublicKey(key),
  });
  const tls = serverTlsOptions({
    mode: 'intermediate',
    certificate: certificate.toString(),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    clientAuthorities: [clientAuthority],
  });
  const server = createServer({ ...tls, rejectUnauthorized: true }, (request, response) => {
    request.resume();
    const isRoot = request.method === 'GET' && request.url === '/';
    const { odsCode, name } = participant;
    const caller = request.socket instanceof TLSSocket ? callerOf(request.socket) : undefined;
    response.writeHead(isRoot ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isRoot ? { odsCode, name, caller } : { odsCode }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    odsCode: participant.odsCode,
    url: `https://localhost:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The identity in the client certificate, for example `URI:urn:jetway:party:X09GW:main`. */
function callerOf(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.subjectAltName;
}
