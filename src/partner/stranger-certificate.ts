/** A certificate that nobody should trust: by an authority of nobody's, for a host that is not the endpoint's. */
import { generateKeyPairSync } from 'node:crypto';
import { createCertificateAuthority } from '../pki/certificate-authority.ts';
import { issueServerCertificate } from '../pki/leaf-certificate.ts';

/** PEM, made anew each time. */
export function strangerCertificate(now: Date): { certificate: string; privateKey: string } {
  const makeKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = createCertificateAuthority({
    commonName: 'Somebody else',
    now,
    privateKey: makeKeys().privateKey,
  });
  const { publicKey, privateKey } = makeKeys();
  const names = [{ kind: 'dns', value: 'elsewhere.invalid' }] as const;
  return {
    certificate: issueServerCertificate(authority, { now, publicKey, names }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
