/**
 * Certificates for tests: good ones by the code that issues real ones, and one wrong certificate per
 * reason to refuse. Keys are slow to make, so they are made once per process and shared.
 */
import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import type { Asn1 } from '../../src/pki/asn1.ts';
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type DevelopmentAuthorities,
} from '../../src/pki/certificate-authority.ts';
import {
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAlternativeName,
} from '../../src/pki/certificate-extensions.ts';
import { parseCertificateFields } from '../../src/pki/certificate-fields.ts';
import {
  issueClientCertificate,
  issueServerCertificate,
  partyUri,
} from '../../src/pki/leaf-certificate.ts';
import { objectIdentifiers as oid } from '../../src/pki/object-identifiers.ts';
import {
  type CertificateTemplate,
  distinguishedName,
  randomSerial,
  signCertificate,
} from '../../src/pki/sign-certificate.ts';

const dayMs = 86_400_000;

interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

const pairs = new Map<string, KeyPair>();

function once(name: string, make: () => KeyPair): KeyPair {
  const known = pairs.get(name) ?? make();
  pairs.set(name, known);
  return known;
}

/** The same pair for the same size and label. */
export function rsaKeyPair(bits: number, label = 'leaf'): KeyPair {
  return once(`rsa ${bits} ${label}`, () => generateKeyPairSync('rsa', { modulusLength: bits }));
}

export function ecKeyPair(namedCurve = 'P-256', label = 'leaf'): KeyPair {
  return once(`ec ${namedCurve} ${label}`, () => generateKeyPairSync('ec', { namedCurve }));
}

/** A certificate with its key, as TLS clients and servers take them. */
export interface TestCredential {
  cert: string;
  key: string;
  certificate: X509Certificate;
  privateKey: KeyObject;
  /** As the register holds it: lower-case hex, 64 characters. */
  fingerprint256: string;
}

export function credential(certificate: X509Certificate, privateKey: KeyObject): TestCredential {
  return {
    cert: certificate.toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate,
    privateKey,
    fingerprint256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

/** One authority for servers and one for clients, as in production; RSA-3072, made once. */
export function testAuthorities(now = new Date()): DevelopmentAuthorities {
  const make = (purpose: string) =>
    createCertificateAuthority({
      commonName: `Test authority for ${purpose}`,
      now: new Date(now.getTime() - 365 * dayMs),
      privateKey: rsaKeyPair(3072, purpose).privateKey,
    });
  return { forServers: make('servers'), forClients: make('clients') };
}

export interface TestClientOptions {
  odsCode?: string;
  system?: string;
  now?: Date;
  lifeDays?: number;
  keys?: KeyPair;
}

/** A certificate that fits the profile; whether it is registered is for the test to say. */
export function testClient(
  authority: CertificateAuthority,
  options: TestClientOptions = {},
): TestCredential {
  const { odsCode = 'X81001', system = 'main', now = new Date(), keys = ecKeyPair() } = options;
  const certificate = issueClientCertificate(authority, {
    publicKey: keys.publicKey,
    odsCode,
    system,
    now,
    ...(options.lifeDays === undefined ? {} : { lifeDays: options.lifeDays }),
  });
  return credential(certificate, keys.privateKey);
}

/** For loopback, by the authority for servers. */
export function testServer(
  authority: CertificateAuthority,
  keys = ecKeyPair(),
  now = new Date(),
): TestCredential {
  const certificate = issueServerCertificate(authority, { publicKey: keys.publicKey, now });
  return credential(certificate, keys.privateKey);
}

/** The parts of a good client certificate, each of which a test can spoil. */
export interface LeafParts extends Omit<CertificateTemplate, 'issuer'> {
  keys: KeyPair;
}

export function goodLeafParts(): LeafParts {
  const keys = ecKeyPair();
  return {
    keys,
    serial: randomSerial(),
    subject: distinguishedName({ commonName: 'X81001 main' }),
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 90 * dayMs),
    publicKey: keys.publicKey,
    extensions: leafExtensions({}),
  };
}

export function leafExtensions(parts: {
  constraints?: Asn1;
  usage?: Asn1;
  purposes?: readonly Asn1[];
  names?: readonly Asn1[];
}): Asn1[] {
  return [
    parts.constraints ?? basicConstraints({ isAuthority: false }),
    parts.usage ?? keyUsage('digitalSignature'),
    ...(parts.purposes ?? [extendedKeyUsage(oid.clientAuth)]),
    ...(parts.names ?? [
      subjectAlternativeName([{ kind: 'uri', value: partyUri('X81001', 'main') }]),
    ]),
  ];
}

/** Signs whatever the parts say. The issuer's name is the authority's. */
export function signLeaf(
  authority: CertificateAuthority,
  parts: Partial<LeafParts>,
): TestCredential {
  const whole = { ...goodLeafParts(), ...parts };
  const publicKey = parts.keys?.publicKey ?? whole.publicKey;
  const issuer = parseCertificateFields(authority.certificate.raw).subject;
  const der = signCertificate({ ...whole, publicKey, issuer }, authority.privateKey);
  return credential(new X509Certificate(der), whole.keys.privateKey);
}
