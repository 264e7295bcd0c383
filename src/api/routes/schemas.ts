/** GET /v1/schemas and each of them: what records and messages have to look like. Public by nature. */
import type { RecordSchema } from '../../records/record-schema.ts';
import type { SchemaRegistry } from '../../records/schema-registry.ts';
import { schemaVersionOf } from '../path-parameters.ts';
import type { Route } from '../route.ts';

export interface SchemasDeps {
  schemas: SchemaRegistry;
}

export function schemasRoutes(deps: SchemasDeps): readonly Route[] {
  return [listRoute(deps), schemaRoute(deps)];
}

function listRoute({ schemas }: SchemasDeps): Route {
  const listed = schemas.all.map(({ name, kind, sections }: RecordSchema) => ({
    name,
    kind,
    sections: sections.map((section) => section.name),
    path: `/v1/schemas/${name}`,
  }));
  return {
    method: 'GET',
    path: '/v1/schemas',
    access: 'certificate',
    summary: 'The schemas of records and messages, every version that is accepted.',
    answers: { 200: { body: 'SchemasPage', means: 'A list `schemas`, and `next`.' } },
    problems: [],
    answer: async () => ({ status: 200, body: JSON.stringify({ schemas: listed, next: null }) }),
  };
}

function schemaRoute({ schemas }: SchemasDeps): Route {
  return {
    method: 'GET',
    path: '/v1/schemas/{recordType}/{version}',
    access: 'certificate',
    summary: 'One schema (JSON Schema 2020-12), for example `social-care-summary/v1`.',
    answers: { 200: { body: 'JsonSchema', means: 'The schema as the gateway applies it.' } },
    problems: ['ROUTE_NOT_FOUND'],
    answer: async (call) => ({
      status: 200,
      body: JSON.stringify(schemaVersionOf(call, schemas).source),
    }),
  };
}
