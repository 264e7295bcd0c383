/** Who asks: the certificate's organisation and system, and the user whom a signed assertion names. */
import { formatActorCertificate } from '../ledger/actor-certificate.ts';
import type { Actor } from '../ledger/ledger-event.ts';
import type { UserAssertion } from '../participants/user-assertion.ts';

export interface Caller {
  odsCode: string;
  system: string;
  /** SHA-256 of the certificate, lower-case hex. */
  fingerprint256: string;
  /** Verified against the organisation's keys; its `jti` is yet to be used up. */
  assertion: UserAssertion | undefined;
}

export interface RequestContext {
  caller: Caller;
  /** UUID of the request. */
  requestId: string;
}

/** Who leaves the assertion out acts as this, and gets what an agreement gives it. */
const systemRole = 'system';

export function roleOf(caller: Caller): string {
  return caller.assertion?.role ?? systemRole;
}

export function actorOf(caller: Caller): Actor {
  return {
    organisation: caller.odsCode,
    system: caller.system,
    certificate: formatActorCertificate(caller.fingerprint256),
    user: caller.assertion?.subject ?? null,
    role: roleOf(caller),
  };
}

/** An organisation as it is sent something: its endpoint, whoever works there. */
export function asEndpoint(odsCode: string): Caller {
  return { odsCode, system: 'endpoint', fingerprint256: '', assertion: undefined };
}

/** Somebody there in a role: for asking what anybody of the organisation might have, never for what is done. */
export function asAnybody(odsCode: string, role: string, purpose: string): Caller {
  const epoch = new Date(0);
  const nobody = { subject: '', name: '', jti: '', kid: '', issuedAt: epoch, expiresAt: epoch };
  return { ...asEndpoint(odsCode), assertion: { ...nobody, role, purpose } };
}
