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
    custodians: { type: 'array', items: { type: 'string' }, description: 'Of CUSTODIAN_NEEDED.' },
    conflict: {
      type: 'string',
      description: 'Of REGISTRATION_CONFLICT: what to name when you ask about it.',
    },
  },
};

const answerFields = {
  'X-Request-ID': 'Of the request; the same as in `instance`.',
  'Ledger-Index': 'The entry that covers this answer.',
  ETag: 'Opaque. Send it in If-Match to replace what you read, in If-None-Match to read only what has changed.',
  'Retry-After': 'Seconds.',
  'Preference-Applied': 'The wait that was granted.',
};
type AnswerField = keyof typeof answerFields;

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
      description: `Gateway ${gateway.name}. Unknown members are refused in what you send; tolerate them in what you receive. \`x-access\` says who may call: everybody with a registered certificate, parties of any agreement in force, or those whom an agreement lets do one of the activities. A cursor is good for the question that it came with.`,
    },
    servers: [{ url: '/' }],
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
        description: `${body.maxBytes} bytes at most.`,
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
    schema: { type: 'string', ...(name === 'client' && { pattern: '^c_[A-Za-z0-9_-]{1,64}$' }) },
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

function answerResponses({ action, fields, answers }: Route): Json {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { body, means, hasEtag }]) => [
      status,
      {
        description: means,
        headers: headerFields(
          'X-Request-ID',
          ...(action ? (['Ledger-Index'] as const) : []),
          ...(hasEtag ? (['ETag'] as const) : []),
          ...(fields?.includes('Prefer') ? (['Preference-Applied'] as const) : []),
        ),
        ...(Number(status) !== notModified && {
          content: { 'application/json': { schema: body ? reference(body) : { type: 'object' } } },
        }),
      },
    ]),
  );
}

/** None is always there but X-Request-ID. */
function headerFields(...names: readonly AnswerField[]): Json {
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        description: answerFields[name],
        required: name === 'X-Request-ID',
        schema: { type: 'string' },
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
  const headers = headerFields('X-Request-ID', 'Ledger-Index', 'Retry-After');
  return {
    description,
    headers,
    content: { 'application/problem+json': { schema: reference('Problem') } },
  };
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
