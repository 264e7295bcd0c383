/**
 * The interface as an OpenAPI 3.1 document (spec.openapis.org/oas/v3.1.0), made of the route table. The
 * schemas of schemas/api/ become components: their own `#/$defs/` references are made to point there.
 */
import { answerSchemas } from './answer-schemas.ts';
import { problemTypes } from './problem-types.ts';
import { requestFields } from './request-fields.ts';
import type { Answer, Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'instance'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(problemTypes) },
    detail: { type: 'string', description: 'What to do.' },
    instance: { type: 'string', description: 'urn:uuid: and the X-Request-ID.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'rule', 'detail'],
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer into the body.' },
          rule: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
    custodians: { type: 'array', items: { type: 'string' } },
  },
};

const commonFields = ['X-Request-ID', 'X-Correlation-ID', 'Authorization'] as const;
const needed: ReadonlySet<string> = new Set(['Idempotency-Key']);

export function openApiDocument(
  routes: readonly Route[],
  gateway: { name: string; version: string },
): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const item = paths[route.path] ?? {};
    item[route.method.toLowerCase()] = operation(route);
    paths[route.path] = item;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Jetway: record exchange',
      version: gateway.version,
      description: `Gateway ${gateway.name}. Unknown members are refused in what you send; tolerate them in what you receive.`,
    },
    security: [{ certificate: [] }],
    paths,
    components: {
      securitySchemes: {
        certificate: {
          type: 'mutualTLS',
          description: 'A certificate that is registered for you.',
        },
      },
      schemas: { Problem: problemSchema, ...bodySchemas(routes), ...answerComponents() },
    },
  };
}

function operation(route: Route): Json {
  const { method, path, access, summary, body, problems } = route;
  return {
    operationId: operationId(method, path),
    summary,
    'x-access': access,
    parameters: [...pathParameters(path), ...queryParameters(route), ...headerParameters(route)],
    ...(body && {
      requestBody: {
        required: !body.isOptional,
        content: { 'application/json': { schema: reference(componentName(body.schema)) } },
      },
    }),
    responses: {
      ...answerResponses(route),
      ...problemResponses(problems),
      default: problemResponse('Any other problem.'),
    },
  };
}

/** `GET /v1/clients/{client}/consents` → `getClientsClientConsents`. */
function operationId(method: string, path: string): string {
  const words = path
    .replace('/v1', '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  const capitals = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `${method.toLowerCase()}${capitals.join('')}`;
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query }: Route): Json[] {
  return Object.entries(query?.properties ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description !== undefined && { description }),
    schema,
  }));
}

function headerParameters({ fields = [] }: Route): Json[] {
  return [...commonFields, ...fields].map((name) => ({
    name,
    in: 'header',
    required: needed.has(name),
    ...requestFields[name],
  }));
}

function answerResponses({ answers }: Route): Json {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { body, means }]) => [
      status,
      {
        description: means,
        ...(Number(status) !== notModified && {
          content: { 'application/json': { schema: body ? reference(body) : { type: 'object' } } },
        }),
      },
    ]),
  );
}

const notModified: Answer['status'] = 304;

/** Codes with one status share a response. */
function problemResponses(problems: Route['problems']): Json {
  const byStatus = Map.groupBy(problems, (code) => problemTypes[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, problemResponse(`${codes.join(', ')}.`)]),
  );
}

function problemResponse(description: string): Json {
  return { description, content: { 'application/problem+json': { schema: reference('Problem') } } };
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** Each a component of its own. */
function answerComponents(): Json {
  return JSON.parse(
    JSON.stringify(answerSchemas).replaceAll('"#/$defs/', '"#/components/schemas/'),
  );
}

function bodySchemas(routes: readonly Route[]): Json {
  return Object.fromEntries(
    routes.flatMap(({ body }) => {
      if (!body) return [];
      const name = componentName(body.schema);
      return [[name, asComponent(body.schema, name)]];
    }),
  );
}

/** Requires a schema with a title: those are ours. */
function componentName(schema: object): string {
  if ('title' in schema && typeof schema.title === 'string') return schema.title;
  throw new Error('the schema of a body has no title');
}

function asComponent(schema: object, name: string): unknown {
  const text = JSON.stringify(schema).replaceAll(
    '"#/$defs/',
    `"#/components/schemas/${name}/$defs/`,
  );
  return JSON.parse(text, (key, value: unknown) =>
    key === '$schema' || key === '$id' ? undefined : value,
  );
}
