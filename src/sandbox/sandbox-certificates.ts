/**
 * The development authorities and everything they issue for the sandbox. What a start finds is used again
 * unless it ends within a week or does not belong together any more; then it is issued anew, and the
 * register learns of it as of any other certificate.
 */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from '../pki/certificate-authority.ts';
import { issueClientCertificate, issueServerCertificate } from '../pki/leaf-certificate.ts';
import { formatPkcs12 } from '../pki/pkcs12.ts';
import { boroughParticipants } from './borough.ts';
import { keepClosedFolder, writeOpenFile, writeSecretFile } from './sandbox-files.ts';
import { type KeyKind, keepKey } from './sandbox-keys.ts';

/** A certificate and its key, where they lie and what they hold. */
export interface Credential {
  certFile: string;
  keyFile: string;
  certificate: X509Certificate;
  privateKey: KeyObject;
}

/** A certificate and its key, in one PKCS#12 file besides. */
export interface BundledCredential extends Credential {
  p12File: string;
}

export interface PartnerCredential extends BundledCredential {
  odsCode: string;
  assertionKeyFile: string;
  assertionKey: KeyObject;
}

export interface SandboxCertificates {
  /** What partners trust. */
  caFile: string;
  /** What the exchange door trusts. */
  clientCaFile: string;
  serverAuthority: CertificateAuthority;
  server: Credential;
  /** The gateway itself, when it calls partners. */
  outbound: Credential;
  /** Ed25519: signs what the gateway pushes, and what partners verify that with. */
  signing: { keyFile: string; publicKeyFile: string; publicKey: KeyObject };
  /** For an endpoint on localhost that somebody tries: nothing of the sandbox's own shows it. */
  endpoint: BundledCredential;
  /** Looks like a health centre's, but comes from an authority of nobody's. */
  stranger: Credential;
  partners: readonly PartnerCredential[];
}

/** The one system that each participant of the sandbox has. */
export const partnerSystem = 'main';
/** Of every p12 file: it protects nothing that does not lie beside it in the clear. */
export const p12Password = 'sandbox';
/** No participant: it marks calls that the gateway makes. */
const gatewayCode = 'X09GW';
const renewalMs = 7 * 86_400_000;

export async function prepareCertificates(dir: string, now: Date): Promise<SandboxCertificates> {
  keepClosedFolder(dir);
  const caFile = join(dir, 'ca.pem');
  const clientCaFile = join(dir, 'client-ca.pem');
  const [forServers, forClients, another] = await Promise.all([
    keepAuthority(caFile, join(dir, 'ca.key'), 'rsa-3072', 'Elmsworth sandbox: servers', now),
    keepAuthority(
      clientCaFile,
      join(dir, 'client-ca.key'),
      'rsa-3072',
      'Elmsworth sandbox: clients',
      now,
    ),
    keepAuthority(
      join(dir, 'another-ca.pem'),
      join(dir, 'another-ca.key'),
      'p-256',
      'Somebody else',
      now,
    ),
  ]);
  const client = (authority: CertificateAuthority, odsCode: string, name: string, kind: KeyKind) =>
    keepCredential(dir, name, kind, authority, now, (publicKey) =>
      issueClientCertificate(authority, { now, publicKey, odsCode, system: partnerSystem }),
    );
  const onLocalhost = (name: string, kind: KeyKind) =>
    keepCredential(dir, name, kind, forServers, now, (publicKey) =>
      issueServerCertificate(forServers, { now, publicKey }),
    );
  const [server, endpoint, outbound, stranger, ...partners] = await Promise.all([
    onLocalhost('server', 'p-256'),
    onLocalhost('endpoint', 'rsa-2048').then((credential) =>
      withBundle(join(dir, 'endpoint.p12'), 'endpoint', credential, forServers),
    ),
    client(forClients, gatewayCode, 'gateway', 'p-256'),
    client(another, 'X81001', 'stranger', 'p-256'),
    ...boroughParticipants.map(async ({ odsCode }) => {
      const credential = await client(forClients, odsCode, odsCode, 'rsa-2048');
      return withPartnerFiles(dir, odsCode, credential, forClients);
    }),
  ]);
  return {
    ...{ caFile, clientCaFile, serverAuthority: forServers, signing: await keepSigningKey(dir) },
    ...{ server, endpoint, outbound, stranger, partners },
  };
}

async function keepSigningKey(dir: string): Promise<SandboxCertificates['signing']> {
  const keyFile = join(dir, 'gateway-signing.key');
  const publicKeyFile = join(dir, 'gateway-signing.pem');
  const publicKey = createPublicKey(await keepKey(keyFile, 'ed25519'));
  writeOpenFile(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  return { keyFile, publicKeyFile, publicKey };
}

async function keepAuthority(
  certFile: string,
  keyFile: string,
  kind: KeyKind,
  commonName: string,
  now: Date,
): Promise<CertificateAuthority> {
  const privateKey = await keepKey(keyFile, kind);
  const kept = readCertificate(certFile);
  if (kept && isUsable(kept, privateKey, now)) return { certificate: kept, privateKey };
  const authority = createCertificateAuthority({ commonName, now, privateKey });
  writeOpenFile(certFile, authority.certificate.toString());
  return authority;
}

async function keepCredential(
  dir: string,
  name: string,
  kind: KeyKind,
  authority: CertificateAuthority,
  now: Date,
  issue: (publicKey: KeyObject) => X509Certificate,
): Promise<Credential> {
  const certFile = join(dir, `${name}.pem`);
  const keyFile = join(dir, `${name}.key`);
  const privateKey = await keepKey(keyFile, kind);
  const kept = readCertificate(certFile);
  if (kept && isUsable(kept, privateKey, now) && isIssuedBy(kept, authority)) {
    return { certFile, keyFile, certificate: kept, privateKey };
  }
  const certificate = issue(createPublicKey(privateKey));
  writeOpenFile(certFile, certificate.toString());
  return { certFile, keyFile, certificate, privateKey };
}

async function withPartnerFiles(
  dir: string,
  odsCode: string,
  credential: Credential,
  authority: CertificateAuthority,
): Promise<PartnerCredential> {
  const assertionKeyFile = join(dir, `${odsCode}-assertion.key`);
  const assertionKey = await keepKey(assertionKeyFile, 'p-256');
  const name = `${odsCode} ${partnerSystem}`;
  const bundled = withBundle(join(dir, `${odsCode}.p12`), name, credential, authority);
  return { ...bundled, odsCode, assertionKeyFile, assertionKey };
}

function withBundle(
  p12File: string,
  friendlyName: string,
  credential: Credential,
  authority: CertificateAuthority,
): BundledCredential {
  const { certificate, privateKey, certFile } = credential;
  const isCurrent = existsSync(p12File) && statSync(p12File).mtimeMs >= statSync(certFile).mtimeMs;
  if (!isCurrent) {
    const bundle = formatPkcs12({
      ...{ certificate, privateKey, chain: [authority.certificate] },
      ...{ password: p12Password, friendlyName },
    });
    writeSecretFile(p12File, bundle);
  }
  return { ...credential, p12File };
}

/** Undefined where there is none that can be read. */
function readCertificate(path: string): X509Certificate | undefined {
  try {
    return existsSync(path) ? new X509Certificate(readFileSync(path)) : undefined;
  } catch {
    return undefined;
  }
}

function isUsable(certificate: X509Certificate, privateKey: KeyObject, now: Date): boolean {
  return (
    certificate.validFromDate <= now &&
    certificate.validToDate.getTime() - renewalMs > now.getTime() &&
    certificate.checkPrivateKey(privateKey)
  );
}

function isIssuedBy(certificate: X509Certificate, authority: CertificateAuthority): boolean {
  return certificate.verify(createPublicKey(authority.privateKey));
}
