/**
 * A refusal that no piece of work records itself: of a connection at the door, or of a request before its call
 * was looked at. How many are one, and what the ledger keeps of them. Pure.
 */
import { formatActorCertificate } from './actor-certificate.ts';
import { type LedgerEvent, ledgerEvent } from './ledger-event.ts';

export interface RefusedConnection {
  action: 'door.refused';
  /** The door's code. */
  code: string;
  /** Which check failed: a text of the gateway's own, or one of a closed list. */
  check: string;
  /** Source address. */
  source: string;
  certificate: { fingerprint256: string; serial: string } | undefined;
  /** Of a registered certificate. */
  organisation: string | null;
}

export interface RefusedRequest {
  action: 'request.refused';
  code: string;
  /** Method and pattern of the path, never a path. */
  route: string | null;
  /** What was wrong, where no route was looked for: a text of the gateway's own. */
  check: string | null;
  organisation: string;
  system: string | null;
  certificate: { fingerprint256: string; serial: string } | undefined;
}

export type Refusal = RefusedConnection | RefusedRequest;

/** The same refusal of the same peer, or of as many as it says, over some time. */
export interface RefusalSum {
  refusal: Refusal;
  count: number;
  firstAt: string;
  lastAt: string;
}

/** Its checks are a closed list. */
const handshakeFailed = 'HANDSHAKE_FAILED';

/** Stands for several sources, routes or checks. */
const many = 'many';

/** Refusals with one key are one. */
export function keyOf(refusal: Refusal): string {
  const { action, code, organisation, certificate } = refusal;
  const where = action === 'door.refused' ? [refusal.source] : [refusal.system, refusal.route];
  const { check } = refusal;
  return JSON.stringify([action, code, check, organisation, certificate?.fingerprint256, ...where]);
}

/**
 * What is left of a refusal where there is no place for each: codes, checks of handshakes and registered
 * organisations are few, whatever peers do.
 */
export function amongMany(refusal: Refusal): Refusal {
  if (refusal.action === 'request.refused') {
    return { ...refusal, route: many, check: null, system: null, certificate: undefined };
  }
  const check = refusal.code === handshakeFailed ? refusal.check : many;
  return { ...refusal, source: many, check, certificate: undefined };
}

export function toEvent({ refusal, count, firstAt, lastAt }: RefusalSum): LedgerEvent {
  const { action, code, check, organisation, certificate } = refusal;
  const serial = certificate?.serial ?? null;
  const times = { count, firstAt, lastAt };
  const common = {
    action,
    outcome: 'refused',
    organisation,
    certificate: certificate ? formatActorCertificate(certificate.fingerprint256) : null,
    reasonCodes: [code],
  } as const;
  if (action === 'door.refused') {
    const { source } = refusal;
    return ledgerEvent({ ...common, particulars: { source, serial, check, ...times } });
  }
  const { system, route } = refusal;
  return ledgerEvent({ ...common, system, particulars: { route, serial, check, ...times } });
}
