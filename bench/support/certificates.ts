/**
 * Certificates for a benchmark, by the code that issues the sandbox's: a server's and its partners'. P-256
 * or RSA-2048 leaves, since the two differ in what a handshake costs.
 */
import { createPublicKey, generateKeyPairSync, type X509Certificate } from 'node:crypto';
import {
  createDevelopmentAuthorities,
  type DevelopmentAuthorities,
} from '../../src/pki/certificate-authority.ts';
import { issueClientCertificate, issueServerCertificate } from '../../src/pki/leaf-certificate.ts';

export type KeyKind = 'P-256' | 'RSA-2048';

export interface Leaf {
  certificate: X509Certificate;
  /** PEM. */
  cert: string;
  key: string;
  /** As the register holds it: lower-case hex. */
  fingerprint256: string;
}

export interface Certificates {
  authorities: DevelopmentAuthorities;
  /** PEM: what clients trust, and what the exchange door trusts. */
  serverCa: string;
  clientCa: string;
  server(kind: KeyKind): Leaf;
  client(odsCode: string, kind: KeyKind): Leaf;
}

export function issueCertificates(now: Date): Certificates {
  const authorities = createDevelopmentAuthorities(now);
  return {
    authorities,
    serverCa: authorities.forServers.certificate.toString(),
    clientCa: authorities.forClients.certificate.toString(),
    server: (kind) =>
      leaf(kind, (publicKey) => issueServerCertificate(authorities.forServers, { publicKey, now })),
    client: (odsCode, kind) =>
      leaf(kind, (publicKey) =>
        issueClientCertificate(authorities.forClients, { publicKey, odsCode, system: 'main', now }),
      ),
  };
}

function leaf(
  kind: KeyKind,
  issue: (publicKey: ReturnType<typeof createPublicKey>) => X509Certificate,
): Leaf {
  const { privateKey } =
    kind === 'P-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificate = issue(createPublicKey(privateKey));
  return {
    certificate,
    cert: certificate.toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    fingerprint256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}
