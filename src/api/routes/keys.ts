/** GET /v1/keys: what recipients verify pushed deliveries with (JSON Web Key Set, RFC 7517). Public by nature. */
import type { Route } from '../route.ts';

export interface KeysDeps {
  /** JSON Web Keys; empty where nothing is pushed. */
  signingKeys: readonly object[];
}

export function keysRoute({ signingKeys }: KeysDeps): Route {
  return {
    method: 'GET',
    path: '/v1/keys',
    access: 'certificate',
    summary: 'The keys that sign what the gateway pushes to endpoints.',
    answers: { 200: { body: 'KeySet', means: 'A JSON Web Key Set.' } },
    problems: [],
    answer: async () => ({ status: 200, body: JSON.stringify({ keys: signingKeys }) }),
  };
}
