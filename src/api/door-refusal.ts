/**
 * A refusal at the exchange door: as it is recorded, and as the peer reads it. The peer learns which
 * check failed, its certificate's serial number and what to do; the operator also learns where the
 * connection came from.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { DoorCode } from '../errors/error-code.ts';
import { doorProblems } from './door-problems.ts';
import type { CertificateObjection, PeerCertificate } from './peer-certificate.ts';
import { instanceOf, type StaticProblem } from './static-reply.ts';

export interface DoorRefusal {
  code: DoorCode;
  /** Which check failed, for example `CERT_HAS_EXPIRED` or `must have ... clientAuth`. */
  check: string;
  /** UUID: the peer's answer and the log have it. */
  id: string;
  /** The source address; `unknown` where the peer was gone before it could be asked. */
  remoteAddress: string;
  /** Of the certificate that was presented, if any. */
  certificate: { fingerprint256: string; serial: string } | undefined;
}

export function refusalOf(
  socket: Pick<Socket, 'remoteAddress'>,
  certificate: PeerCertificate | undefined,
  { code, check }: CertificateObjection,
): DoorRefusal {
  return Object.freeze({
    code,
    check,
    id: randomUUID(),
    remoteAddress: socket.remoteAddress ?? 'unknown',
    certificate: certificate && {
      fingerprint256: certificate.fingerprint256,
      serial: certificate.serial,
    },
  });
}

/** Checks whose outcome is the gateway's own business: the peer is told the code, not the reason. */
const withoutCheck: ReadonlySet<DoorCode> = new Set(['GATEWAY_CLOSED', 'TOO_MANY_CONNECTIONS']);

export function refusalProblem(refusal: DoorRefusal): StaticProblem {
  const { status, title, detail } = doorProblems[refusal.code];
  const serial = refusal.certificate && `Certificate serial ${refusal.certificate.serial}.`;
  const check = withoutCheck.has(refusal.code) ? undefined : `Check failed: ${refusal.check}.`;
  return {
    type: 'urn:jetway:problem:door',
    title,
    status,
    code: refusal.code,
    detail: [check, serial, detail].filter((part) => part !== undefined).join(' '),
    instance: instanceOf(refusal.id),
  };
}
