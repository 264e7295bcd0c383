/** GET /openapi.json: the interface described, from the same data that serves it. */
import type { Route } from '../route.ts';

/** `describe` is called once, at the start, with every route there is. */
export function openApiRoute(describe: () => object): Route {
  let text: string | undefined;
  return {
    method: 'GET',
    path: '/openapi.json',
    access: 'certificate',
    summary: 'This description (OpenAPI 3.1).',
    answers: { 200: { means: 'An OpenAPI document.' } },
    problems: [],
    async answer() {
      text ??= JSON.stringify(describe());
      return { status: 200, body: text };
    },
  };
}
