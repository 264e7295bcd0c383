/**
 * Who asks and for what: the door's verdict on the certificate, the user assertion where there is one
 * (RFC 6750 for its place in the request), and the purpose of use.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../clock.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Standing } from '../exchange/standing.ts';
import { type UserAssertion, verifyUserAssertion } from '../participants/user-assertion.ts';
import { malformed } from './malformed.ts';
import type { Call, CallContext } from './route.ts';

export interface ContextDeps {
  clock: Clock;
  /** The register and the agreements as this node knows them. */
  standing(): Promise<Standing>;
  gateway: { name: string };
}

const bearer = /^Bearer +(\S+)$/i;
const purposePattern = /^[A-Z]{2,12}$/;

/** Throws ASSERTION_INVALID, or REQUEST_MALFORMED for the purpose. */
export async function contextOf(deps: ContextDeps, call: Call): Promise<CallContext> {
  const { peer, requestId, headers } = call;
  const { authorization } = headers;
  const assertion =
    authorization === undefined ? undefined : await verified(deps, peer.odsCode, authorization);
  const { odsCode, system, fingerprint256 } = peer;
  return {
    context: { caller: { odsCode, system, fingerprint256, assertion }, requestId },
    purpose: purposeOf(headers, assertion),
  };
}

async function verified(
  { clock, standing, gateway }: ContextDeps,
  odsCode: string,
  authorization: string,
): Promise<UserAssertion> {
  const token = bearer.exec(authorization)?.[1];
  if (token === undefined) {
    throw new GatewayError('ASSERTION_INVALID', {
      detail: 'Authorization must be Bearer and one user assertion.',
    });
  }
  const { register } = await standing();
  const keys = register.participants.get(odsCode)?.assertionKeys ?? [];
  return verifyUserAssertion(token, { odsCode, audience: gateway.name, at: clock.now(), keys });
}

function purposeOf(
  headers: IncomingHttpHeaders,
  assertion: UserAssertion | undefined,
): string | undefined {
  const purpose = headers['purpose-of-use'];
  if (purpose === undefined) return assertion?.purpose;
  if (typeof purpose !== 'string' || !purposePattern.test(purpose)) {
    throw malformed('Purpose-Of-Use must be one code of 2 to 12 capital letters.');
  }
  if (assertion && assertion.purpose !== purpose) {
    throw malformed('Purpose-Of-Use must be the purpose that the user assertion names.');
  }
  return purpose;
}
