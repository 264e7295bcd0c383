/**
 * A partner's certificate and assertion key, as an operator gets them: PEM, and refused here with the reason
 * rather than later at the door. Pure.
 */
import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { profileFaults } from '../pki/certificate-profile.ts';
import { partyUri } from '../pki/leaf-certificate.ts';
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

/** What a certificate is to be registered for, and what it is measured by. */
export interface Registration {
  odsCode: string;
  system: string;
  /** PEM, one or more: those whose clients the door lets in. */
  authorities: string;
  now: Date;
}

/** The first certificate of the file; what stands behind it may lead to an authority. */
export function readClientCertificate(
  pem: string,
  { odsCode, system, authorities, now }: Registration,
): RegistrableCertificate | Unfit {
  const [certificate, ...between] = certificatesOf(pem);
  if (certificate === undefined) return { faults: ['it is not a certificate in PEM'] };
  const notAfter = new Date(certificate.validTo);
  const faults = profileFaults(certificate.raw).map(({ requirement }) => `it ${requirement}`);
  if (notAfter <= now) faults.push('it has expired');
  if (!isIssued(certificate, certificatesOf(authorities), between)) {
    faults.push('it was not issued by an authority of JETWAY_CLIENT_CA_FILE');
  }
  const name = certificate.subjectAltName ?? '';
  const ours = partyUri(odsCode, system);
  if (/^URI:"?urn:jetway:party:/i.test(name) && name !== `URI:${ours}`) {
    faults.push(`it names another organisation or system: here it would have to name ${ours}`);
  }
  if (faults.length > 0) return { faults };
  const fingerprint256 = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return { fingerprint256, notAfter };
}

/** Those before the first that cannot be read. */
function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const certificates: X509Certificate[] = [];
  for (const block of blocks) {
    try {
      certificates.push(new X509Certificate(block));
    } catch {
      break;
    }
  }
  return certificates;
}

/** By one of the authorities, or by one of those between that one of them issued in turn. */
function isIssued(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  between: readonly X509Certificate[],
): boolean {
  const isBy = (issuer: X509Certificate) =>
    certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  return (
    authorities.some(isBy) ||
    between.some(
      (issuer) =>
        isBy(issuer) &&
        isIssued(
          issuer,
          authorities,
          between.filter((other) => other !== issuer),
        ),
    )
  );
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
