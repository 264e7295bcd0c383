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

/** Reads their files. An authority that is over may stand beside its successor, and ends nothing any more. */
export function certificateEnds({ tls, push }: Config, now: Date): readonly CertificateEnd[] {
  return [
    { certificate: 'server', notAfter: firstEnd(tls.certificateFile) },
    { certificate: 'client-ca', notAfter: firstEnd(tls.clientCaFile, now) },
    ...(push
      ? [{ certificate: 'outbound' as const, notAfter: firstEnd(push.certificateFile) }]
      : []),
  ];
}

/** Of those that end after `from`, where there are any. */
function firstEnd(path: string, from = new Date(0)): Date {
  const certificates = parsePemCertificates(readFileSync(path, 'utf8'));
  const ends = certificates.map(({ validToDate }) => validToDate.getTime());
  const ahead = ends.filter((end) => end > from.getTime());
  return new Date(Math.min(...(ahead.length > 0 ? ahead : ends)));
}
