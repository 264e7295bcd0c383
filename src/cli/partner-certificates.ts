/**
 * A partner's certificate, key and authorities, judged before anything is dialled or listens: TLS would only say so at
 * a handshake, to the other side, or in OpenSSL's words.
 */
import type { X509Certificate } from 'node:crypto';
import type { LoadedKey } from '../pki/key-file.ts';
import { parsePemCertificates } from '../pki/pem-certificates.ts';
import { OperatorError, readTextFile } from './operator-error.ts';

/** The PEM text. Throws OperatorError for a file without a certificate, which TLS would take as trusting nobody. */
export async function readCertificates(file: string): Promise<string> {
  const text = await readTextFile(file);
  certificatesOf(text, file);
  return text;
}

/** TLS shows the first certificate of the file: the others are its issuers. */
export function isKeyOf({ key }: LoadedKey, certificates: string, file: string): boolean {
  return certificatesOf(certificates, file)[0]?.checkPrivateKey(key) === true;
}

function certificatesOf(text: string, file: string): readonly X509Certificate[] {
  let found: readonly X509Certificate[];
  try {
    found = parsePemCertificates(text);
  } catch {
    throw new OperatorError(`${file} holds a certificate that cannot be read`);
  }
  if (found.length === 0) throw new OperatorError(`${file} holds no certificate`);
  return found;
}
