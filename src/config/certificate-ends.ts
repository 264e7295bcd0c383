/** Until when the certificates of a configuration are good. */
import { readFileSync } from 'node:fs';
import { parsePemCertificates } from '../pki/pem-certificates.ts';
import type { Config } from './load-config.ts';

/** The exchange door's own, those of the authorities that it trusts, and the one for calling endpoints. */
export type CertificateUse = 'server' | 'client-ca' | 'outbound';

export interface CertificateEnd {
  certificate: CertificateUse;
  /** The first to end of those in the file: issuers, or authorities, among them. */
  notAfter: Date;
}

/** Reads their files. */
export function certificateEnds({ tls, push }: Config): readonly CertificateEnd[] {
  return [
    { certificate: 'server', notAfter: firstEnd(tls.certificateFile) },
    { certificate: 'client-ca', notAfter: firstEnd(tls.clientCaFile) },
    ...(push
      ? [{ certificate: 'outbound' as const, notAfter: firstEnd(push.certificateFile) }]
      : []),
  ];
}

function firstEnd(path: string): Date {
  const certificates = parsePemCertificates(readFileSync(path, 'utf8'));
  return new Date(Math.min(...certificates.map(({ validToDate }) => validToDate.getTime())));
}
