/**
 * Judges what a peer presented in its TLS handshake, before anybody asks the register: presence,
 * chain, dates, profile. Pure; the chain itself was verified by OpenSSL, whose outcome is handed in.
 */
import type { X509Certificate } from 'node:crypto';
import type { DoorCode } from '../errors/error-code.ts';
import { profileFaults } from '../pki/certificate-profile.ts';

export interface PeerCertificate {
  /** SHA-256 of the DER: lower-case hex, 64 characters. */
  readonly fingerprint256: string;
  /** Hex, upper case, as node:crypto gives it. */
  readonly serial: string;
  /** Milliseconds since the epoch; both ends belong to the period (RFC 5280 section 4.1.2.5). */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly der: Buffer;
}

/** Why a certificate is not accepted. */
export interface CertificateObjection {
  code: DoorCode;
  check: string;
}

/** OpenSSL's verdicts that are about the certificate's own make, not about who issued it. */
const profileVerdicts: ReadonlySet<string> = new Set([
  'INVALID_PURPOSE',
  'UNSPECIFIED', // what Node reports for a key below the security level
  'EE_KEY_TOO_SMALL',
  'INVALID_CA',
]);

export function readPeerCertificate(certificate: X509Certificate): PeerCertificate {
  return Object.freeze({
    fingerprint256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    serial: certificate.serialNumber,
    notBefore: certificate.validFromDate.getTime(),
    notAfter: certificate.validToDate.getTime(),
    der: certificate.raw,
  });
}

export function dateObjection(
  certificate: PeerCertificate,
  nowMs: number,
): CertificateObjection | undefined {
  // Written so that a date that could not be read (NaN) refuses.
  if (!(nowMs >= certificate.notBefore)) {
    return { code: 'CERTIFICATE_NOT_YET_VALID', check: 'CERT_NOT_YET_VALID' };
  }
  if (!(nowMs <= certificate.notAfter)) {
    return { code: 'CERTIFICATE_EXPIRED', check: 'CERT_HAS_EXPIRED' };
  }
  return undefined;
}

function chainObjection(verdict: string, certificate: PeerCertificate): CertificateObjection {
  if (verdict === 'CERT_HAS_EXPIRED') return { code: 'CERTIFICATE_EXPIRED', check: verdict };
  if (verdict === 'CERT_NOT_YET_VALID') {
    return { code: 'CERTIFICATE_NOT_YET_VALID', check: verdict };
  }
  if (!profileVerdicts.has(verdict)) return { code: 'CERTIFICATE_UNTRUSTED', check: verdict };
  const [fault] = profileFaults(certificate.der);
  return { code: 'CERTIFICATE_PROFILE', check: fault ? `it ${fault.requirement}` : verdict };
}

/** `chainVerdict` is OpenSSL's error code; undefined only where the chain was verified. */
export function certificateObjection(
  certificate: PeerCertificate,
  chainVerdict: string | undefined,
  nowMs: number,
): CertificateObjection | undefined {
  if (chainVerdict !== undefined) return chainObjection(chainVerdict, certificate);
  const outOfDate = dateObjection(certificate, nowMs);
  if (outOfDate) return outOfDate;
  const faults = profileFaults(certificate.der);
  if (faults.length === 0) return undefined;
  const check = `it ${faults.map((fault) => fault.requirement).join('; it ')}`;
  return { code: 'CERTIFICATE_PROFILE', check };
}
