/**
 * One TLS policy for both directions, after Mozilla's server-side TLS guideline 6.0, NCSC "Using TLS
 * to protect data" and RFC 9325: forward secrecy and AEAD only, no SHA-1, post-quantum key exchange
 * first. `modern` is TLS 1.3 alone.
 */
export type TlsMode = 'intermediate' | 'modern';

const tls13Suites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
];

const tls12Suites = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
];

/** PKCS#1 only for TLS 1.2 clients, and for signatures inside certificates. */
const signatureAlgorithms = [
  'ecdsa_secp256r1_sha256',
  'ecdsa_secp384r1_sha384',
  'ed25519',
  'rsa_pss_rsae_sha256',
  'rsa_pss_rsae_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pss_pss_sha256',
  'rsa_pss_pss_sha384',
  'rsa_pss_pss_sha512',
  'rsa_pkcs1_sha256',
  'rsa_pkcs1_sha384',
];

const keyExchangeGroups = ['X25519MLKEM768', 'X25519', 'prime256v1', 'secp384r1'];

export interface TlsPolicy {
  minVersion: 'TLSv1.2' | 'TLSv1.3';
  maxVersion: 'TLSv1.3';
  ciphers: string;
  ecdhCurve: string;
  sigalgs: string;
  /** HTTP/2 stays off until its abuse (rapid reset, CONTINUATION, HPACK) is covered by tests. */
  ALPNProtocols: string[];
}

export function tlsPolicy(mode: TlsMode): TlsPolicy {
  const suites = mode === 'modern' ? tls13Suites : [...tls13Suites, ...tls12Suites];
  return {
    minVersion: mode === 'modern' ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: suites.join(':'),
    ecdhCurve: keyExchangeGroups.join(':'),
    sigalgs: signatureAlgorithms.join(':'),
    ALPNProtocols: ['http/1.1'],
  };
}
