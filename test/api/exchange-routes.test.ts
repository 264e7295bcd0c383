/** The reading calls, the route table and its description: what each call asks of a request and hands on. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { exchangeRoutes } from '../../src/api/exchange-routes.ts';
import { openApiDocument } from '../../src/api/openapi-document.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { compileSchema } from '../../src/validation/json-schema.ts';
import { good } from '../support/test-door.ts';
import { openExchange, routeDeps } from '../support/test-exchange-server.ts';

const record = '/v1/clients/c_abc/records/social-care-summary';
const consent = '0b9f8f0c-6f0e-4b7e-8a55-3f0b8a3a1c11';
const canary = 'canary-9990548609';

const described = compileSchema<{
  paths: Record<string, Record<string, { operationId: string }>>;
}>({
  type: 'object',
  required: ['openapi', 'paths', 'components'],
  properties: {
    openapi: { const: '3.1.0' },
    components: { type: 'object' },
    paths: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          required: ['operationId', 'summary', 'x-access', 'parameters', 'responses'],
          properties: {
            operationId: { type: 'string', pattern: '^[a-z][A-Za-z]+$' },
            summary: { type: 'string' },
            'x-access': true,
            parameters: { type: 'array' },
            responses: { type: 'object', minProperties: 2 },
          },
        },
      },
    },
  },
});

t.test('every call declares who may make it, and is in the description', async (t) => {
  const routes = exchangeRoutes(routeDeps());
  t.ok(routes.length >= 14);
  const activities = [
    'publish',
    'pull',
    'send',
    'register',
    'record-facts',
    'record-consent',
    'attest-consent',
    'record-overrides',
    'audit',
  ];
  const open: string[] = [];
  for (const { method, path, access } of routes) {
    const named = typeof access === 'string' ? [access] : access;
    t.ok(named.length > 0, `${method} ${path}`);
    if (access === 'certificate' || access === 'agreement') open.push(path);
    else t.ok(named.every((activity) => activities.includes(activity)));
  }
  t.same(open.sort(), [
    '/openapi.json',
    '/v1/clients/trace',
    // of one's own alone: what one sent, and what was sent to one
    '/v1/deliveries',
    '/v1/deliveries/{id}',
    '/v1/deliveries/{id}/redelivery',
    '/v1/inbox',
    '/v1/inbox/{id}',
    '/v1/inbox/{id}/acknowledgement',
    '/v1/inbox/{id}/answer',
    '/v1/keys',
    '/v1/schemas',
    '/v1/schemas/{recordType}/{version}',
    '/v1/whoami',
  ]);
  const { paths } = described.checked(
    openApiDocument(routes, { name: 'x', version: '1' }),
    'INTERNAL_ERROR',
  );
  for (const { method, path } of routes)
    t.ok(paths[path]?.[method.toLowerCase()], `${method} ${path}`);
  t.equal(Object.values(paths).flatMap((item) => Object.keys(item)).length, routes.length);
});

t.test(
  'whoever adds to a person’s file is told in the description that it has an end',
  async (t) => {
    const limited = exchangeRoutes(routeDeps()).filter(({ problems }) =>
      problems.includes('LIMIT_REACHED'),
    );
    t.same(limited.map(({ action }) => action).sort(), [
      'client.traced',
      'consent.recorded',
      'facts.recorded',
      'override.recorded',
    ]);
  },
);

t.test('the description is served, and each of its references leads somewhere', async (t) => {
  const { ask } = await openExchange(t);
  const reply = await ask('GET', '/openapi.json');
  t.equal(reply.status, 200);
  const document = described.checked(reply.json, 'INTERNAL_ERROR');
  const ids = Object.values(document.paths).flatMap((item) =>
    Object.values(item).map(({ operationId }) => operationId),
  );
  t.equal(new Set(ids).size, ids.length, 'operation ids are unique');
  const references = [...reply.text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
    ([, path]) => path ?? '',
  );
  t.ok(references.length > 20);
  for (const path of new Set(references)) {
    let at: unknown = document;
    for (const name of path.split('/')) {
      at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
    }
    t.type(at, 'object', path);
  }
});

t.test('hands a pull on with what was asked', async (t) => {
  const { ask, state } = await openExchange(t);
  const headers = { 'purpose-of-use': 'TREAT', 'if-none-match': '"a", W/"b"' };
  await ask('GET', `${record}?sections=alerts,person,alerts&custodian=X09SC`, { headers });
  const { fingerprint256 } = good;
  t.match(state.calls, [
    {
      name: 'pullRecord',
      request: {
        context: {
          caller: { odsCode: 'X81001', system: 'main', fingerprint256, assertion: undefined },
        },
        client: 'c_abc',
        recordType: 'social-care-summary',
        sections: ['alerts', 'person'],
        custodian: 'X09SC',
        purpose: 'TREAT',
        ifNoneMatch: ['"a"', '"b"'],
      },
    },
  ]);
  await ask('GET', record);
  t.match(state.calls[1], {
    request: { sections: undefined, custodian: undefined, purpose: undefined, ifNoneMatch: [] },
  });
});

t.test('refuses what a pull cannot mean, without repeating it', async (t) => {
  const { ask, state } = await openExchange(t);
  const refusals: [string, Record<string, string>, string][] = [
    [`?sections=person,${canary}`, {}, 'SECTION_UNKNOWN'],
    ['?sections=', {}, 'REQUEST_MALFORMED'],
    ['?sections=person,', {}, 'REQUEST_MALFORMED'],
    ['?sections=person&sections=alerts', {}, 'REQUEST_MALFORMED'],
    [`?custodian=${canary}`, {}, 'REQUEST_MALFORMED'],
    [`?${canary}=1`, {}, 'REQUEST_MALFORMED'],
    ['', { 'purpose-of-use': canary }, 'REQUEST_MALFORMED'],
    ['', { 'if-none-match': canary }, 'REQUEST_MALFORMED'],
    ['', { authorization: `Basic ${canary}` }, 'ASSERTION_INVALID'],
    ['', { authorization: `Bearer ${canary}` }, 'ASSERTION_INVALID'],
  ];
  for (const [search, headers, code] of refusals) {
    const reply = await ask('GET', `${record}${search}`, { headers });
    t.match(reply.json, { code }, `${search} ${JSON.stringify(headers)}`);
    t.notMatch(reply.text, canary);
  }
  t.equal((await ask('GET', '/v1/whoami?x=1')).status, 400, 'calls without a query have none');
  t.same(state.calls, []);
});

t.test('no 404 tells a malformed id from an unknown one', async (t) => {
  const { ask, state } = await openExchange(t);
  state.failure = new GatewayError('RESOURCE_NOT_FOUND', { reasonCodes: ['CLIENT_UNKNOWN'] });
  const headers = { 'x-request-id': consent };
  const unknown = await ask('GET', record, { headers });
  t.equal(unknown.status, 404);
  for (const client of ['c_', 'abc', 'c_%20', 'c_a.b', `c_${'a'.repeat(5_000)}`, canary]) {
    const path = `/v1/clients/${client}/records/social-care-summary`;
    const reply = await ask('GET', path, { headers });
    t.equal(reply.text, unknown.text, client.slice(0, 20));
    t.same(Object.keys(reply.headers), Object.keys(unknown.headers));
  }
  t.notMatch(JSON.stringify(state.calls), canary, 'the operation is handed an id that nobody has');
  t.equal(state.calls.length, 7, 'and records the refusal');
  for (const path of ['/v1/audit/events/x', '/v1/audit/events/-1']) {
    t.equal((await ask('GET', path, { headers })).text, unknown.text, path);
  }
});

t.test('of a type that there is not, a partner is told where to look', async (t) => {
  const { ask, state } = await openExchange(t);
  for (const path of [
    '/v1/clients/c_abc/records/nothing',
    '/v1/clients/c_abc/records/__proto__',
    '/v1/schemas/social-care-summary/v0',
    '/v1/schemas/social-care-summary/1',
    '/v1/schemas/__proto__/v1',
  ]) {
    const { status, json, text } = await ask('GET', path);
    t.match({ status, json }, { status: 404, json: { code: 'ROUTE_NOT_FOUND' } }, path);
    t.match(text, 'GET /v1/schemas lists them', path);
  }
  t.same(state.calls, []);
  t.same(state.refusals, ['ROUTE_NOT_FOUND', 'ROUTE_NOT_FOUND'], 'recorded where calls are');
});

t.test('every schema that is listed is served as it is in the repository', async (t) => {
  const { ask } = await openExchange(t);
  const { json } = await ask('GET', '/v1/schemas');
  const listed: { name: string; path: string; sections: string[] }[] = Object(json).schemas;
  t.match(
    listed.map(({ name }) => name),
    ['correction-request/v1', 'discharge-notification/v1', 'hb-income-statement/v1'],
  );
  for (const { name, path, sections } of listed) {
    const source = JSON.parse(readFileSync(`schemas/${name}.json`, 'utf8'));
    t.same((await ask('GET', path)).json, source, name);
    t.same(sections, Object.keys(source.properties.sections.properties));
  }
});

t.test('a message is no record: its type is unknown there like any other', async (t) => {
  const { ask, state } = await openExchange(t);
  const headers = { 'x-request-id': consent, 'idempotency-key': 'one' };
  const requests: ['GET' | 'PUT' | 'POST', string][] = [
    ['GET', ''],
    ['PUT', ''],
    ['POST', '/retraction'],
  ];
  for (const [method, rest] of requests) {
    const told = async (type: string) => {
      const body = method === 'GET' ? {} : { body: '{"reason":"wrong-person"}' };
      return ask(method, `/v1/clients/c_abc/records/${type}${rest}`, { headers, ...body });
    };
    const unknown = await told('nothing');
    t.equal(unknown.status, 404);
    for (const type of ['referral', 'correction-request', 'discharge-notification']) {
      t.equal((await told(type)).text, unknown.text, `${method} ${type}`);
    }
  }
  t.same(state.calls, []);
});

t.test('searches the transfer log by known filters alone', async (t) => {
  const { ask, state } = await openExchange(t);
  await ask('GET', '/v1/audit/events');
  const filter = {
    client: 'c_abc',
    organisation: 'X81001',
    action: 'record.disclosed',
    outcome: 'refused',
    reason: 'CONSENT_WITHDRAWN',
    recordType: 'social-care-summary',
    from: '2026-11-01T00:00:00Z',
    until: '2026-12-01T00:00:00+01:00',
  };
  const query = new URLSearchParams({ ...filter, limit: '200', after: 'abc' });
  await ask('GET', `/v1/audit/events?${query}`);
  await ask('GET', '/v1/audit/events/813?log=2');
  t.match(state.calls, [
    { name: 'searchEvents', request: { filter: {}, limit: 50 } },
    { name: 'searchEvents', request: { filter, limit: 200, after: 'abc' } },
    { name: 'readEvent', request: { index: 813, log: 2 } },
  ]);
  for (const bad of [
    'limit=0',
    'limit=201',
    'limit=1.5',
    'from=yesterday',
    'from=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z',
    'outcome=maybe',
    'action=record.sold',
    'client=x',
    'name=x',
    'reason=a',
  ]) {
    const reply = await ask('GET', `/v1/audit/events?${bad}`);
    t.match(reply, { status: 400, json: { code: 'REQUEST_MALFORMED' } }, bad);
  }
  t.equal(state.calls.length, 3);
});
