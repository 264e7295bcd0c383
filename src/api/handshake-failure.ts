/**
 * TLS handshakes that fail (RFC 8446 section 6.2), and which of them are refusals. A peer that closes without
 * having sent a byte was refused nothing: load balancers and port scanners look whether somebody listens. One
 * that keeps its place in silence until it is put out was. Pure; OpenSSL's reasons come as Node's codes.
 */
import type { HandshakeCheck, HandshakeCode } from '../errors/handshake-check.ts';

/** A connection that never came to showing a certificate. */
export interface HandshakeFailure {
  code: HandshakeCode;
  check: HandshakeCheck;
  /** The source address. */
  remoteAddress: string;
}

const checks: ReadonlyMap<string, HandshakeCheck> = new Map([
  ['ERR_SSL_NO_SHARED_CIPHER', 'no-shared-cipher'],
  ['ERR_SSL_NO_SUITABLE_KEY_SHARE', 'no-shared-parameters'],
  ['ERR_SSL_NO_SUITABLE_GROUPS', 'no-shared-parameters'],
  ['ERR_SSL_NO_SHARED_GROUPS', 'no-shared-parameters'],
  ['ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS', 'no-shared-parameters'],
  ['ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM', 'no-shared-parameters'],
  ['ERR_SSL_NO_APPLICATION_PROTOCOL', 'no-shared-application-protocol'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'protocol-version'],
  ['ERR_SSL_INAPPROPRIATE_FALLBACK', 'protocol-version'],
  ['ERR_SSL_HTTP_REQUEST', 'not-tls'],
  ['ERR_SSL_HTTPS_PROXY_REQUEST', 'not-tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'not-tls'],
  ['ERR_SSL_BAD_SIGNATURE', 'bad-signature'],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', 'timeout'],
  ['ECONNRESET', 'broken-off'],
  ['EPIPE', 'broken-off'],
]);

/** `SSLV3_ALERT_…`, `TLSV1_ALERT_…`, `TLSV13_ALERT_…`: the peer said that it would not go on. */
const alert = /^ERR_SSL_[A-Z0-9]+_ALERT_/;

/**
 * Undefined where nobody was refused anything. `bytesSent` by the peer; undefined where nobody can tell, which
 * counts as some.
 */
export function handshakeCheck(
  errorCode: string | undefined,
  bytesSent: number | undefined,
): HandshakeCheck | undefined {
  const code = errorCode ?? '';
  const check = checks.get(code) ?? (alert.test(code) ? 'peer-alert' : 'other');
  return check === 'broken-off' && bytesSent === 0 ? undefined : check;
}
