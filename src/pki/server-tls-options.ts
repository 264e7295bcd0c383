/**
 * TLS options of the gateway's own doors (policy: tls-policy.ts). No renegotiation, and no session
 * resumption in either TLS version: a resumed session outlives the certificate's expiry and its
 * revocation (the bug class of CVE-2025-23419).
 */
import { constants } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import { type TlsMode, tlsPolicy } from './tls-policy.ts';

export interface ServerTlsMaterial {
  mode: TlsMode;
  /** PEM: the server's certificate, then its issuers but for the root. */
  certificate: string;
  /** PEM. */
  privateKey: string;
  /** PEM of the authorities that issue clients' certificates, and of no other. */
  clientAuthorities?: readonly string[];
}

/** Asks for a client certificate exactly where client authorities are given; judging it is the door's. */
export function serverTlsOptions(material: ServerTlsMaterial): ServerOptions {
  const authorities = material.clientAuthorities;
  if (authorities?.length === 0) throw new Error('an empty trust store would trust nobody');
  return {
    ...tlsPolicy(material.mode),
    cert: material.certificate,
    key: material.privateKey,
    honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
    ...(authorities === undefined
      ? { requestCert: false }
      : { ca: [...authorities], requestCert: true, rejectUnauthorized: false }),
  };
}
