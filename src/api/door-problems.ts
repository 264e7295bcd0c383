/**
 * What the exchange door says when it refuses: status, title and what to do, one row per code. The
 * texts name no partner and repeat nothing that the peer sent but its certificate's serial number,
 * which the reply adds (door-refusal.ts).
 */
import type { DoorCode } from '../errors/error-code.ts';

export interface DoorProblem {
  /** 401: the certificate is not accepted. 403: it is, but its holder may not enter. 503: not now. */
  status: 401 | 403 | 503;
  title: string;
  /** What the partner's engineer should do. */
  detail: string;
}

export const doorProblems = {
  CERTIFICATE_MISSING: {
    status: 401,
    title: 'A client certificate is needed',
    detail: 'Present the client certificate that is registered for your system.',
  },
  CERTIFICATE_UNTRUSTED: {
    status: 401,
    title: 'The client certificate has no trusted issuer',
    detail: 'Present the certificate that was issued for your system, with any intermediates.',
  },
  CERTIFICATE_NOT_YET_VALID: {
    status: 401,
    title: 'The client certificate is not valid yet',
    detail: 'Check its dates and the issuing clock, or go on using the earlier certificate.',
  },
  CERTIFICATE_EXPIRED: {
    status: 401,
    title: 'The client certificate has expired',
    detail: 'Ask the gateway operator for a new one.',
  },
  CERTIFICATE_PROFILE: {
    status: 401,
    title: 'The client certificate does not fit the profile',
    detail: 'Ask the gateway operator for one that keeps to the certificate profile.',
  },
  CERTIFICATE_UNKNOWN: {
    status: 403,
    title: 'The client certificate is not registered',
    detail: 'Ask the gateway operator to register this certificate for your system.',
  },
  CERTIFICATE_REVOKED: {
    status: 403,
    title: 'The client certificate has been revoked',
    detail: 'Stop using this certificate and ask the gateway operator for a new one.',
  },
  PARTICIPANT_SUSPENDED: {
    status: 403,
    title: 'The organisation is suspended',
    detail: 'Ask the gateway operator what has to happen before exchange can go on.',
  },
  TOO_MANY_CONNECTIONS: {
    status: 503,
    title: 'Too many connections are open',
    detail: 'Reuse kept-alive connections, close idle ones, and try again in a few seconds.',
  },
  GATEWAY_CLOSED: {
    status: 503,
    title: 'The exchange is closed for now',
    detail: 'Try again in a few seconds. Nothing was disclosed or accepted.',
  },
} as const satisfies Record<DoorCode, DoorProblem>;
