/**
 * Every answer is held against the API description, in every journey: a body has all that its schema asks for and
 * nothing that it does not name, although partners are told to tolerate more.
 */
import { equal, ok } from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { exchangeRoutes } from '../../src/api/exchange-routes.ts';
import { openApiDocument } from '../../src/api/openapi-document.ts';
import { routeDeps } from './test-exchange-server.ts';

interface Described {
  paths: Record<string, Record<string, { responses: Record<string, Response> }>>;
  components: { schemas: object };
}

interface Response {
  content?: Record<string, { schema: { $ref?: string } }>;
}

const description = openApiDocument(exchangeRoutes(routeDeps()), { name: 'test', version: '0' });
const { paths, components }: Described = JSON.parse(
  JSON.stringify(description).replaceAll('"#/components/schemas/', '"answers#/$defs/'),
  closed,
);
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajvFormats.default(ajv);
ajv.addSchema({ $id: 'answers', $defs: components.schemas });

/** Objects that do not say that they are open are closed. */
function closed(_name: string, value: unknown): unknown {
  const isObjectSchema =
    typeof value === 'object' && value !== null && 'properties' in value && 'type' in value;
  if (!isObjectSchema || 'additionalProperties' in value) return value;
  return { ...value, additionalProperties: false };
}

/** Throws an AssertionError where the description has no such answer, or another one. */
export function checkAnswer(method: string, url: string, status: number, text: string): void {
  const [path = ''] = url.split('?');
  const what = `${status} of ${method} ${path}`;
  const response = responseTo(method, path, status);
  ok(response, `${what} is not described`);
  const [media] = Object.values(response.content ?? {});
  if (media?.schema.$ref) equal(faultsOf(text, media.schema.$ref), '', what);
  else equal(text === '', media === undefined, `${what}: ${text.slice(0, 100)}`);
}

function faultsOf(text: string, $ref: string): string {
  const validate = ajv.getSchema($ref);
  if (!validate) return `there is no ${$ref}`;
  if (validate(JSON.parse(text)) === true) return '';
  return `${ajv.errorsText(validate.errors)}, in ${text.slice(0, 2_000)}`;
}

/** Of a call that is not described, that of any problem. */
function responseTo(method: string, path: string, status: number): Response | undefined {
  const pattern = Object.keys(paths).find((one) => patternOf(one).test(path));
  const called = pattern === undefined ? undefined : paths[pattern]?.[method.toLowerCase()];
  const { responses = {} } = called ?? Object.values(paths['/v1/whoami'] ?? {})[0] ?? {};
  return responses[status] ?? (status >= 400 ? responses['default'] : undefined);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
