/**
 * TLS options for outbound connections to a partner's endpoint (policy: tls-policy.ts). Trust is the
 * endpoint's own set of authorities, never the system's store, and the name that must stand in the
 * certificate (RFC 9525) is the registered host's, whatever address is dialled.
 */
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { type TlsMode, tlsPolicy } from './tls-policy.ts';

export interface ClientTlsMaterial {
  mode: TlsMode;
  /** The registered host: a name or an IP address, no port. */
  host: string;
  /** PEM of the authorities that may vouch for this endpoint. */
  authorities: readonly string[];
  /** PEM: our client certificate and its key. */
  certificate: string;
  privateKey: string;
}

export function clientTlsOptions(material: ClientTlsMaterial): ConnectionOptions {
  // An empty list would make Node fall back on the authorities that it ships with.
  if (material.authorities.length === 0)
    throw new Error('an endpoint needs authorities of its own');
  return {
    ...tlsPolicy(material.mode),
    ca: [...material.authorities],
    cert: material.certificate,
    key: material.privateKey,
    rejectUnauthorized: true,
    checkServerIdentity: (_dialled, certificate) => checkServerIdentity(material.host, certificate),
  };
}
