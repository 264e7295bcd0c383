/** The certificates of a PEM file (RFC 7468 section 5). What stands between them counts for nothing. */
import { X509Certificate } from 'node:crypto';

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** In the order of the file; none where it holds none. Throws where one of them cannot be read. */
export function parsePemCertificates(pem: string): readonly X509Certificate[] {
  return (pem.match(block) ?? []).map((text) => new X509Certificate(text));
}
