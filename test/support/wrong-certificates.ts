/**
 * One wrong client certificate per reason that the exchange door has to refuse it, with the code that
 * it must refuse it by. Certificates that are good in themselves (unregistered, revoked, suspended)
 * are not here: they are a matter of the register.
 */
import type { DoorCode } from '../../src/errors/error-code.ts';
import {
  createCertificateAuthority,
  type DevelopmentAuthorities,
} from '../../src/pki/certificate-authority.ts';
import {
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAlternativeName,
} from '../../src/pki/certificate-extensions.ts';
import { objectIdentifiers as oid } from '../../src/pki/object-identifiers.ts';
import { distinguishedName } from '../../src/pki/sign-certificate.ts';
import {
  ecKeyPair,
  leafExtensions,
  rsaKeyPair,
  signLeaf,
  type TestCredential,
  testClient,
  testServer,
} from './test-certificates.ts';

export interface WrongCertificate {
  /** Completes the sentence "refuses a certificate that ...". */
  wrong: string;
  code: DoorCode;
  /** The profile rule that it breaks, where it breaks one. */
  rule?: string;
  credential: TestCredential;
}

const dayMs = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs);

/** Certificates whose dates or issuer are wrong. */
export function untrustedCertificates(authorities: DevelopmentAuthorities): WrongCertificate[] {
  const { forClients, forServers } = authorities;
  const stranger = createCertificateAuthority({
    commonName: 'Somebody else',
    now: daysAgo(1),
    privateKey: ecKeyPair('P-256', 'stranger').privateKey,
  });
  const namesake = createCertificateAuthority({
    commonName: 'Test authority for clients',
    now: daysAgo(1),
    privateKey: ecKeyPair('P-256', 'stranger').privateKey,
  });
  const itself = createCertificateAuthority({
    commonName: 'X81001 main',
    now: daysAgo(1),
    privateKey: ecKeyPair().privateKey,
  });
  const untrusted = 'CERTIFICATE_UNTRUSTED';
  return [
    {
      wrong: 'has expired',
      code: 'CERTIFICATE_EXPIRED',
      credential: testClient(forClients, { now: daysAgo(100) }),
    },
    {
      wrong: 'is not valid yet',
      code: 'CERTIFICATE_NOT_YET_VALID',
      credential: testClient(forClients, { now: daysAgo(-30) }),
    },
    { wrong: 'comes from another authority', code: untrusted, credential: testClient(stranger) },
    { wrong: 'comes from a namesake authority', code: untrusted, credential: testClient(namesake) },
    {
      wrong: 'signed itself',
      code: untrusted,
      credential: signLeaf(itself, {}),
    },
    {
      // OpenSSL reports the last thing that it finds wrong: here the purpose, not the issuer.
      wrong: 'belongs to a server',
      code: 'CERTIFICATE_PROFILE',
      credential: testServer(forServers),
    },
    {
      wrong: 'has a client purpose but the authority for servers',
      code: untrusted,
      credential: testClient(forServers),
    },
  ];
}

/** Certificates by the right authority whose make is wrong. */
export function misshapenCertificates(authorities: DevelopmentAuthorities): WrongCertificate[] {
  const authority = authorities.forClients;
  const shaped = (wrong: string, rule: string, parts: Parameters<typeof signLeaf>[1]) => ({
    wrong,
    rule,
    code: 'CERTIFICATE_PROFILE' as const,
    credential: signLeaf(authority, parts),
  });
  const purposes = (...list: string[]) => ({
    extensions: leafExtensions({ purposes: [extendedKeyUsage(...list)] }),
  });
  const twoNames = subjectAlternativeName([
    { kind: 'uri', value: 'urn:jetway:party:X81001:main' },
    { kind: 'uri', value: 'urn:jetway:party:X81002:main' },
  ]);
  return [
    shaped('has no purpose', 'purpose-stated', { extensions: leafExtensions({ purposes: [] }) }),
    shaped('is for any purpose', 'no-any-purpose', purposes(oid.anyExtendedKeyUsage)),
    shaped(
      'is for clients and any purpose',
      'no-any-purpose',
      purposes(oid.clientAuth, oid.anyExtendedKeyUsage),
    ),
    shaped('is for servers only', 'client-authentication', purposes(oid.serverAuth)),
    shaped('is an authority', 'not-an-authority', {
      extensions: leafExtensions({ constraints: basicConstraints({ isAuthority: true }) }),
    }),
    shaped('may sign certificates', 'no-certificate-signing', {
      extensions: leafExtensions({ usage: keyUsage('digitalSignature', 'keyCertSign') }),
    }),
    shaped('must not sign anything, and so no handshake', 'digital-signature', {
      extensions: leafExtensions({ usage: keyUsage('crlSign') }),
    }),
    shaped('is of X.509 version 1', 'version-3', { extensions: [] }),
    shaped('has a weak RSA key', 'rsa-key-size', { keys: rsaKeyPair(1024) }),
    shaped('has an odd RSA key', 'rsa-key-size', { keys: rsaKeyPair(2052) }),
    shaped('has a serial of zero', 'serial-positive', { serial: Buffer.from([0]) }),
    shaped('has a negative serial', 'serial-positive', { serial: Buffer.from([0x80]) }),
    shaped('has two identities', 'one-identity', {
      extensions: leafExtensions({ names: [twoNames] }),
    }),
    shaped('names nobody', 'subject-named', { subject: distinguishedName({}) }),
  ];
}
