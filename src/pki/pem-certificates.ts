/** The certificates of a PEM file (RFC 7468 section 5). What stands between them counts for nothing. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const beginning = /-----BEGIN CERTIFICATE-----/g;

/** In the order of the file; none where it holds none. Throws where one of them is cut or cannot be read. */
export function parsePemCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(block) ?? [];
  if (blocks.length !== (pem.match(beginning) ?? []).length) {
    throw new TypeError('a certificate is cut');
  }
  return blocks.map((text) => new X509Certificate(text));
}

/** The same as text, for OpenSSL: of a file that is put together carelessly it reads less than this, or nothing. */
export function readPemCertificates(path: string): string {
  return parsePemCertificates(readFileSync(path, 'utf8')).map(String).join('');
}
