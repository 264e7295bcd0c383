/**
 * The development certificate authorities: one that issues servers' certificates and is the `ca.pem`
 * that clients trust, and another that issues clients' certificates and is all that the exchange door
 * trusts. They share nothing, so that no server certificate can ever log in as a client. Profile:
 * RFC 5280 section 4.2.1.9 (CA, no intermediates below) and RFC 7093 (key identifiers).
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { basicConstraints, keyUsage, subjectKeyIdentifier } from './certificate-extensions.ts';
import { distinguishedName, randomSerial, signCertificate } from './sign-certificate.ts';

export interface CertificateAuthority {
  certificate: X509Certificate;
  privateKey: KeyObject;
}

export interface AuthorityOptions {
  commonName: string;
  now: Date;
  /** RSA-3072 is made where none is given: cheap to verify, and forge can bundle its leaves. */
  privateKey?: KeyObject;
}

/** Years that a root lives: longer than any deployment that should still trust it. */
const rootLifeYears = 10;

export function createCertificateAuthority(options: AuthorityOptions): CertificateAuthority {
  const privateKey =
    options.privateKey ?? generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey;
  const publicKey = createPublicKey(privateKey);
  const name = distinguishedName({ commonName: options.commonName });
  // As for leaves: a partner's clock may run behind, and the chain is good only where its root is.
  const notBefore = new Date(options.now.getTime() - 5 * 60_000);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + rootLifeYears);
  const der = signCertificate(
    {
      serial: randomSerial(),
      issuer: name,
      subject: name,
      notBefore,
      notAfter,
      publicKey,
      extensions: [
        basicConstraints({ isAuthority: true, pathLength: 0 }),
        keyUsage('keyCertSign', 'crlSign'),
        subjectKeyIdentifier(publicKey),
      ],
    },
    privateKey,
  );
  return { certificate: new X509Certificate(der), privateKey };
}

export interface DevelopmentAuthorities {
  /** Issues servers' certificates; clients trust it. */
  forServers: CertificateAuthority;
  /** Issues clients' certificates; the exchange door trusts it and nothing else. */
  forClients: CertificateAuthority;
}

export function createDevelopmentAuthorities(now: Date): DevelopmentAuthorities {
  return {
    forServers: createCertificateAuthority({ commonName: 'Jetway development: servers', now }),
    forClients: createCertificateAuthority({ commonName: 'Jetway development: clients', now }),
  };
}
