/** The calls of the partners' interface: what each asks of a request, and what it hands to its operation. */
import { generateKeyPairSync } from 'node:crypto';
import { CompactSign } from 'jose';
import t from 'tap';
import { toSharingAgreement } from '../../src/agreements/sharing-agreement.ts';
import { exchangeRoutes } from '../../src/api/exchange-routes.ts';
import { openApiDocument } from '../../src/api/openapi-document.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import type { Standing } from '../../src/exchange/standing.ts';
import { compileSchema } from '../../src/validation/json-schema.ts';
import { good } from '../support/test-door.ts';
import { emptyStanding, openExchange, routeDeps } from '../support/test-exchange-server.ts';

const record = '/v1/clients/c_abc/records/social-care-summary';
const consent = '0b9f8f0c-6f0e-4b7e-8a55-3f0b8a3a1c11';
const canary = 'canary-9990548609';

const summary = JSON.stringify({
  schema: 'social-care-summary/v1',
  asAt: '2026-11-20T09:30:00Z',
  sections: {
    person: { nhsNumber: '9990548609', name: { family: 'Ashby' }, birthDate: '1948-03-02' },
    localAuthority: { odsCode: 'X09SC', name: 'Borough' },
  },
});

t.test('every call declares who may make it, and is in the description', async (t) => {
  const routes = exchangeRoutes(routeDeps());
  t.ok(routes.length >= 14);
  const activities = [
    'publish',
    'pull',
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
  t.same(open.sort(), ['/openapi.json', '/v1/clients/trace', '/v1/whoami']);
  const { paths } = described.checked(
    openApiDocument(routes, { name: 'x', version: '1' }),
    'INTERNAL_ERROR',
  );
  for (const { method, path } of routes)
    t.ok(paths[path]?.[method.toLowerCase()], `${method} ${path}`);
  t.equal(Object.values(paths).flatMap((item) => Object.keys(item)).length, routes.length);
});

const described = compileSchema<{
  openapi: string;
  paths: Record<string, Record<string, { operationId: string }>>;
  components: { schemas: Record<string, object> };
}>({
  type: 'object',
  required: ['openapi', 'paths', 'components'],
  properties: {
    openapi: { const: '3.1.0' },
    paths: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          required: ['operationId', 'summary', 'x-access', 'parameters', 'responses'],
          properties: { operationId: { type: 'string' } },
        },
      },
    },
    components: {
      type: 'object',
      required: ['schemas'],
      properties: { schemas: { type: 'object' } },
    },
  },
});

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
  for (const path of [
    '/v1/clients/c_abc/records/nothing',
    '/v1/clients/c_abc/records/__proto__',
    '/v1/audit/events/x',
    '/v1/audit/events/-1',
  ]) {
    t.equal((await ask('GET', path, { headers })).text, unknown.text, path);
  }
});

t.test('a write needs a key, and one key stands for one path and one body', async (t) => {
  const { ask, state } = await openExchange(t);
  const facts = '/v1/clients/c_abc/facts';
  const writes: ['PUT' | 'POST', string, string][] = [
    ['PUT', facts, '{"capacity":"lacks"}'],
    ['PUT', record, summary],
    ['POST', `${record}/retraction`, '{"reason":"wrong-person"}'],
    ['POST', '/v1/clients/c_abc/consents', '{}'],
    ['POST', `/v1/consents/${consent}/withdrawal`, ''],
    ['POST', `/v1/consents/${consent}/evidence`, '{}'],
    ['POST', '/v1/clients/c_abc/overrides', '{}'],
  ];
  for (const [method, path, body] of writes) {
    const reply = await ask(method, path, { headers: { 'if-none-match': '*' }, body });
    t.match(reply, { status: 400, json: { code: 'IDEMPOTENCY_KEY_NEEDED' } }, path);
  }
  for (const bad of ['two words', 'x'.repeat(256), 'é']) {
    const reply = await ask('PUT', facts, {
      headers: { 'idempotency-key': bad },
      body: '{"capacity":"has"}',
    });
    t.match(reply.json, { code: 'REQUEST_MALFORMED' });
  }
  t.same(state.calls, []);
  const put = async (path: string, body: string) => {
    state.calls = [];
    await ask('PUT', path, { headers: { 'idempotency-key': 'k' }, body });
    const request = idempotent.checked(state.calls[0]?.request, 'INTERNAL_ERROR');
    return request.idempotency;
  };
  const first = await put(facts, '{"capacity":"lacks"}');
  t.match(first, { route: `PUT ${facts}`, key: 'k' });
  t.same(await put(facts, '{"capacity":"lacks"}'), first);
  t.same(await put('/v1/clients/c%5Fabc/facts', '{"capacity":"lacks"}'), first, 'one spelling');
  t.not((await put(facts, '{"capacity":"has"}')).bodyMac, first.bodyMac);
  t.not((await put('/v1/clients/c_xyz/facts', '{"capacity":"lacks"}')).route, first.route);
});

const idempotent = compileSchema<{ idempotency: { route: string; key: string; bodyMac: string } }>({
  type: 'object',
  required: ['idempotency'],
  properties: { idempotency: { type: 'object', required: ['route', 'key', 'bodyMac'] } },
});

t.test('a record is published under a precondition, checked and digested', async (t) => {
  const { ask, state } = await openExchange(t);
  state.receipt = {
    status: 201,
    etag: '"v1"',
    body: { version: 1, ledgerIndex: 812 },
    ledgerIndex: 812,
  };
  const headers = { 'idempotency-key': 'k', 'if-none-match': '*' };
  const reply = await ask('PUT', record, { headers, body: summary });
  t.match(reply, { status: 201, json: { version: 1, ledgerIndex: 812 } });
  t.match(reply.headers, { etag: '"v1"', 'ledger-index': '812' });
  t.match(state.calls[0], {
    name: 'publishRecord',
    request: {
      client: 'c_abc',
      recordType: 'social-care-summary',
      precondition: { kind: 'absent' },
      digest: /^sha-256=:[A-Za-z0-9+/]{43}=:$/,
      record: { schema: 'social-care-summary/v1' },
    },
  });
  state.calls = [];
  const key = { 'idempotency-key': 'k' };
  const put = (more: Record<string, string>, body = summary) =>
    ask('PUT', record, { headers: { ...key, ...more }, body });
  t.match(await put({}), { status: 428, json: { code: 'PRECONDITION_NEEDED' } });
  t.match(await put({ 'if-match': '*' }), { status: 428 });
  t.match(await put({ 'if-match': '"a"', 'if-none-match': '*' }), { status: 400 });
  t.match(await put({ 'if-none-match': '*', 'content-digest': `sha-256=:${'A'.repeat(43)}=:` }), {
    status: 400,
  });
  const invalid = summary.replace('1948-03-02', canary);
  const refused = await put({ 'if-none-match': '*' }, invalid);
  t.match(refused, { status: 422, json: { code: 'RECORD_INVALID' } });
  t.match(refused.json, { errors: [{ pointer: '/sections/person/birthDate' }] });
  t.notMatch(refused.text, canary);
  const old = summary.replace('summary/v1', 'summary/v99');
  t.match(await put({ 'if-none-match': '*' }, old), {
    status: 422,
    json: { code: 'SCHEMA_UNKNOWN' },
  });
  t.same(state.calls, []);
  await put({ 'if-match': 'W/"a", "b"' });
  t.match(state.calls[0], { request: { precondition: { kind: 'matches', etags: ['"b"'] } } });
  state.failure = new GatewayError('PRECONDITION_FAILED');
  t.equal((await put({ 'if-match': '"b"' })).status, 412);
});

t.test('hands the other writes on as they were sent', async (t) => {
  const { ask, state } = await openExchange(t);
  const headers = { 'idempotency-key': 'k' };
  const write = async (path: string, body?: object) => {
    const reply = await ask('POST', path, { headers, ...(body && { body: JSON.stringify(body) }) });
    t.equal(reply.status, 201, `${path} ${reply.text}`);
  };
  const trace = { nhsNumber: '9990548609', birthDate: '1948-03-02', familyName: 'O’Neill' };
  const granted = {
    period: { start: '2026-11-22T00:00:00Z' },
    grantor: { type: 'person' },
    rules: [{ type: 'permit' }],
  };
  const evidence = { kind: 'signed-form', reference: 'SF-1' };
  const override = {
    type: 'court-order',
    for: 'X81001',
    recordType: 'social-care-summary',
    expires: '2027-01-01T00:00:00Z',
  };
  await write('/v1/clients/trace', trace);
  await write('/v1/clients/c_abc/consents', granted);
  await write(`/v1/consents/${consent.toUpperCase()}/withdrawal`);
  await write(`/v1/consents/${consent}/withdrawal`, { reason: 'asked by the person' });
  await write(`/v1/consents/${consent}/evidence`, evidence);
  await write('/v1/consents/nobody/evidence', evidence);
  await write('/v1/clients/c_abc/overrides', override);
  await ask('GET', '/v1/clients/c_abc/consents');
  t.match(state.calls, [
    { name: 'traceClient', request: { trace } },
    { name: 'recordConsent', request: { client: 'c_abc', consent: granted } },
    { name: 'withdrawConsent', request: { id: consent, reason: undefined } },
    { name: 'withdrawConsent', request: { id: consent, reason: 'asked by the person' } },
    { name: 'evidenceConsent', request: { id: consent, evidence } },
    { name: 'evidenceConsent', request: { id: '00000000-0000-0000-0000-000000000000' } },
    { name: 'recordOverride', request: { client: 'c_abc', override } },
    { name: 'listConsents', request: { client: 'c_abc' } },
  ]);
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
    'outcome=maybe',
    'client=x',
    'name=x',
    'reason=a',
  ]) {
    const reply = await ask('GET', `/v1/audit/events?${bad}`);
    t.match(reply, { status: 400, json: { code: 'REQUEST_MALFORMED' } }, bad);
  }
  t.equal(state.calls.length, 3);
});

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const standing: Standing = {
  register: {
    ...emptyStanding.register,
    participants: new Map([
      [
        'X81001',
        {
          odsCode: 'X81001',
          name: 'Example Health Centre',
          kind: 'nhs-health-centre',
          status: 'active',
          assertionKeys: [{ kid: 'k1', publicKey, algorithm: 'ES256' }],
        },
      ],
    ]),
  },
  agreements: {
    version: 1,
    agreements: [
      toSharingAgreement(
        {
          id: 'care',
          title: 'Care',
          period: { from: '2020-01-01T00:00:00Z', until: '2099-01-01T00:00:00Z' },
          lawfulBasis: { article6: '6(1)(e)' },
          parties: [{ odsCode: 'X81001', may: ['pull'] }],
          recordTypes: [
            {
              recordType: 'social-care-summary',
              purposes: ['TREAT'],
              sections: [{ section: 'person' }],
            },
          ],
          roles: { gp: { 'social-care-summary': 'all' } },
        },
        1,
      ),
    ],
  },
};

function assertion(claims: object): Promise<string> {
  const iat = Math.floor(Date.now() / 1_000);
  const whole = {
    iss: 'X81001',
    aud: 'jetway-test',
    sub: 'u1',
    name: 'Dr Example',
    role: 'gp',
    purpose: 'TREAT',
    jti: 'jti-00000001',
    iat,
    exp: iat + 60,
    ...claims,
  };
  return new CompactSign(Buffer.from(JSON.stringify(whole)))
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .sign(privateKey);
}

t.test('a partner learns who the gateway thinks it is', async (t) => {
  const { ask, askAsOther } = await openExchange(t, { standing });
  const reply = await ask('GET', '/v1/whoami');
  t.match(reply.json, {
    organisation: { odsCode: 'X81001', name: 'Example Health Centre', kind: 'nhs-health-centre' },
    system: 'main',
    certificate: { serial: good.certificate.serialNumber, fingerprint256: good.fingerprint256 },
    agreements: [
      {
        id: 'care',
        may: ['pull'],
        recordTypes: ['social-care-summary'],
        purposes: ['TREAT'],
        roles: ['gp'],
        until: '2099-01-01T00:00:00.000Z',
      },
    ],
    gateway: { name: 'jetway-test', version: '0.0.0' },
  });
  t.notOk('ledger-index' in reply.headers);
  t.match((await askAsOther('GET', '/v1/whoami')).json, {
    organisation: { odsCode: 'XRH01', name: null },
    agreements: [],
  });
});

t.test('a user is who the organisation’s own key says, for the purpose that it says', async (t) => {
  const { ask, askAsOther, state } = await openExchange(t, { standing });
  const pull = async (claims: object, more: Record<string, string> = {}, as = ask) =>
    as('GET', record, { headers: { authorization: `Bearer ${await assertion(claims)}`, ...more } });
  t.equal((await pull({})).status, 200);
  t.equal((await pull({}, { 'purpose-of-use': 'TREAT' })).status, 200);
  t.match(state.calls[0], {
    request: {
      purpose: 'TREAT',
      context: { caller: { assertion: { subject: 'u1', role: 'gp' } } },
    },
  });
  state.calls = [];
  t.match(await pull({}, { 'purpose-of-use': 'HPAYMT' }), { status: 400 }, 'two purposes');
  for (const claims of [{ iss: 'XRH01' }, { aud: 'elsewhere' }, { exp: 1 }, { role: undefined }]) {
    t.match(await pull(claims), { status: 401, json: { code: 'ASSERTION_INVALID' } });
  }
  t.match(await pull({}, {}, askAsOther), { status: 401 }, 'another organisation’s assertion');
  t.same(state.calls, []);
});
