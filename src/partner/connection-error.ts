/**
 * A call that got no answer, in words: whether anything can have been sent is what the caller has to know, since only
 * then does it matter under which key it asks again. OpenSSL's and Node's own words are for their programmers.
 */
import { memberOf, textOf } from './reply-members.ts';

export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** Of the error underneath, for example ECONNREFUSED. */
  readonly code: string;
  /** No byte of a request can have reached a gateway, at no attempt. */
  readonly isNothingSent: boolean;

  constructor(code: string, words: string, isNothingSent: boolean) {
    super(isNothingSent ? `nothing was sent: ${words}` : words);
    this.code = code;
    this.isNothingSent = isNothingSent;
  }
}

/** What chain building says where no trusted authority is at its end. */
const untrusted = new Set([
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT', 'CERT_SIGNATURE_FAILURE'],
  ...['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_UNTRUSTED'],
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'INVALID_CA'],
]);

/** TLS judges the server before a request goes out; what fails earlier still has no connection. */
function whyUnsent(code: string, { hostname, host }: URL): string | undefined {
  if (untrusted.has(code)) return 'the gateway’s certificate is not by an authority in --ca';
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return 'the gateway’s certificate, or that of its authority, has expired';
    case 'CERT_NOT_YET_VALID':
      return 'the gateway’s certificate, or that of its authority, is not valid yet';
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate that was shown is not for ${hostname}`;
    case 'ECONNREFUSED':
      return `nobody listens at ${host}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no address to the name ${hostname}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to ${host}`;
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `nobody answers at ${host}`;
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `whoever listens at ${host} does not speak TLS`;
    default:
      return undefined;
  }
}

/** An alert comes after the client's part of the handshake, when its request may be on its way already. */
function whyLost(code: string, host: string): string | undefined {
  const alert = /^ERR_SSL_\w+?_ALERT_(\w+)$/.exec(code)?.[1];
  if (alert !== undefined) {
    const words = alert.toLowerCase().replaceAll('_', ' ');
    return `${host} refused the handshake, perhaps for --cert; its alert says: ${words}`;
  }
  return ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(code)
    ? `${host} closed the connection without an answer; some do so where they do not take --cert`
    : undefined;
}

/** Whether this attempt cannot have sent anything. */
export function isUnsent(error: unknown, origin: string): boolean {
  return whyUnsent(textOf(error, 'code'), new URL(origin)) !== undefined;
}

/** `wasUnsent`: so it was with each attempt before. Other errors stay as they are. */
export function inWords(error: unknown, origin: string, wasUnsent: boolean): unknown {
  const [code, url] = [textOf(error, 'code'), new URL(origin)];
  if (memberOf(error, 'name') === 'AbortError') return error;
  const unsent = whyUnsent(code, url);
  if (unsent !== undefined) return new ConnectionError(code, unsent, wasUnsent);
  const lost = whyLost(code, url.host);
  return lost === undefined ? error : new ConnectionError(code, lost, false);
}
