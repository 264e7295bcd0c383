/**
 * A certificate with its key as one password-protected file (PKCS#12, RFC 7292), for browsers and
 * for systems that import nothing else: AES-256 with PBKDF2 (PBES2, RFC 8018). RSA keys under
 * RSA-signed chains only: node-forge corrupts ECDSA signatures in what it bundles.
 */
import type { KeyObject, X509Certificate } from 'node:crypto';
import forge from 'node-forge';

export interface Pkcs12Options {
  privateKey: KeyObject;
  certificate: X509Certificate;
  /** Issuers, nearest first. */
  chain: readonly X509Certificate[];
  password: string;
  /** Shown by the importing system. */
  friendlyName: string;
}

/** The file's bytes. Throws where the key is not RSA. */
export function formatPkcs12(options: Pkcs12Options): Buffer {
  const { privateKey, certificate, chain, password, friendlyName } = options;
  if (privateKey.asymmetricKeyType !== 'rsa') throw new Error('PKCS#12 files need an RSA key');
  const key = forge.pki.privateKeyFromPem(
    privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  );
  const certificates = [certificate, ...chain].map((each) =>
    forge.pki.certificateFromPem(each.toString()),
  );
  const structure = forge.pkcs12.toPkcs12Asn1(key, certificates, password, {
    algorithm: 'aes256',
    friendlyName,
  });
  return Buffer.from(forge.asn1.toDer(structure).getBytes(), 'latin1');
}
