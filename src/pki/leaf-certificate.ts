/**
 * Leaf certificates for partners' systems and for servers. A client leaf has one purpose (clientAuth)
 * and one identity: the URI `urn:jetway:party:<ODS code>:<system>`. Life and profile follow the CA/B
 * baseline as a yardstick: 128 random serial bits, one purpose, 90 days.
 */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Asn1 } from './asn1.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import {
  type AlternativeName,
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAlternativeName,
  subjectKeyIdentifier,
} from './certificate-extensions.ts';
import { parseCertificateFields } from './certificate-fields.ts';
import { objectIdentifiers as oid } from './object-identifiers.ts';
import { distinguishedName, randomSerial, signCertificate } from './sign-certificate.ts';

const dayMs = 86_400_000;
/** Partners' clocks run behind ours: a certificate must be good the moment it is handed over. */
const backdatingMs = 5 * 60_000;
const defaultLifeDays = 90;

export interface LeafValidity {
  now: Date;
  /** Days from `now`; 90 where it is left out. */
  lifeDays?: number;
}

export interface ClientLeafOptions extends LeafValidity {
  publicKey: KeyObject;
  odsCode: string;
  system: string;
}

export interface ServerLeafOptions extends LeafValidity {
  publicKey: KeyObject;
  /** Host names and IP addresses; this machine's loopback where they are left out. */
  names?: readonly AlternativeName[];
}

const loopbackNames: readonly AlternativeName[] = [
  { kind: 'dns', value: 'localhost' },
  { kind: 'ip', value: '127.0.0.1' },
  { kind: 'ip', value: '::1' },
];

/** The identity that a client certificate carries, for example `urn:jetway:party:X81001:main`. */
export function partyUri(odsCode: string, system: string): string {
  return `urn:jetway:party:${odsCode}:${system}`;
}

interface Leaf extends LeafValidity {
  publicKey: KeyObject;
  subject: Asn1;
  purpose: string;
  names: readonly AlternativeName[];
}

function issueLeaf(authority: CertificateAuthority, leaf: Leaf): X509Certificate {
  const lifeMs = (leaf.lifeDays ?? defaultLifeDays) * dayMs;
  const der = signCertificate(
    {
      serial: randomSerial(),
      issuer: parseCertificateFields(authority.certificate.raw).subject,
      subject: leaf.subject,
      notBefore: new Date(leaf.now.getTime() - backdatingMs),
      notAfter: new Date(leaf.now.getTime() + lifeMs),
      publicKey: leaf.publicKey,
      extensions: [
        basicConstraints({ isAuthority: false }),
        keyUsage('digitalSignature'),
        extendedKeyUsage(leaf.purpose),
        subjectAlternativeName(leaf.names),
        subjectKeyIdentifier(leaf.publicKey),
        authorityKeyIdentifier(createPublicKey(authority.privateKey)),
      ],
    },
    authority.privateKey,
  );
  return new X509Certificate(der);
}

/** Requires an ODS code and a system name that were checked to be plain letters, digits and hyphens. */
export function issueClientCertificate(
  authority: CertificateAuthority,
  options: ClientLeafOptions,
): X509Certificate {
  const { odsCode, system } = options;
  return issueLeaf(authority, {
    ...options,
    subject: distinguishedName({ organizationName: odsCode, commonName: `${odsCode} ${system}` }),
    purpose: oid.clientAuth,
    names: [{ kind: 'uri', value: partyUri(odsCode, system) }],
  });
}

export function issueServerCertificate(
  authority: CertificateAuthority,
  options: ServerLeafOptions,
): X509Certificate {
  const names = options.names ?? loopbackNames;
  return issueLeaf(authority, {
    ...options,
    subject: distinguishedName({ commonName: names[0]?.value ?? 'jetway' }),
    purpose: oid.serverAuth,
    names,
  });
}
