/** GET /v1/whoami: the connectivity test. Discloses nothing, so it is not recorded. */

import type { ContextDeps } from '../request-context.ts';
import type { Route } from '../route.ts';
import { whoAmI } from '../who-am-i.ts';

export interface WhoAmIDeps extends Pick<ContextDeps, 'clock' | 'standing'> {
  gateway: { name: string; version: string };
}

export function whoAmIRoute(deps: WhoAmIDeps): Route {
  return {
    method: 'GET',
    path: '/v1/whoami',
    access: 'certificate',
    summary: 'Who the gateway thinks you are, your certificate and your agreements in force.',
    answers: {
      200: { body: 'Caller', means: 'Organisation, system, certificate, agreements, gateway.' },
    },
    problems: [],
    async answer(call, { context }) {
      const standing = await deps.standing();
      const { assertion } = context.caller;
      const known = whoAmI(standing, call.peer, assertion, deps.gateway, deps.clock.now());
      return { status: 200, body: JSON.stringify(known) };
    },
  };
}
