/**
 * A partner's certificate and assertion key, as an operator gets them: PEM, and refused here with the reason
 * rather than later at the door. Pure.
 */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { profileFaults } from '../pki/certificate-profile.ts';
import type { AssertionAlgorithm } from './user-assertion.ts';

export interface RegistrableCertificate {
  /** SHA-256 of the DER, 64 lower-case hex digits. */
  fingerprint256: string;
  notAfter: Date;
}

export interface RegistrableKey {
  algorithm: AssertionAlgorithm;
  publicKey: KeyObject;
}

export type Unfit = { faults: readonly string[] };

/** The first certificate of the file. Which authority issued it, the door looks at. */
export function readClientCertificate(pem: string, now: Date): RegistrableCertificate | Unfit {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return { faults: ['it is not a certificate in PEM'] };
  }
  const notAfter = new Date(certificate.validTo);
  const faults = profileFaults(certificate.raw).map(({ requirement }) => `it ${requirement}`);
  if (notAfter <= now) faults.push('it has expired');
  if (faults.length > 0) return { faults };
  const fingerprint256 = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return { fingerprint256, notAfter };
}

/** ES256 for a key on P-256, RS256 for RSA of 2048 bits or more (RFC 7518 section 3.1). */
export function readAssertionKey(pem: string): RegistrableKey | Unfit {
  if (/PRIVATE KEY/.test(pem)) {
    return { faults: ['it is a private key: it must stay where it was made, and now be replaced'] };
  }
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey(pem);
  } catch {
    return { faults: ['it is not a public key in PEM'] };
  }
  const { namedCurve, modulusLength = 0 } = publicKey.asymmetricKeyDetails ?? {};
  if (namedCurve === 'prime256v1') return { algorithm: 'ES256', publicKey };
  if (publicKey.asymmetricKeyType === 'rsa' && modulusLength >= 2048) {
    return { algorithm: 'RS256', publicKey };
  }
  return { faults: ['it must be an EC key on P-256, or an RSA key of 2048 bits or more'] };
}
