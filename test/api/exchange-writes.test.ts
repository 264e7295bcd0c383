/** The writing calls: keys, preconditions, bodies, and what is handed to the operations. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { compileSchema } from '../../src/validation/json-schema.ts';
import { openExchange } from '../support/test-exchange-server.ts';

const record = '/v1/clients/c_abc/records/social-care-summary';
const consent = '0b9f8f0c-6f0e-4b7e-8a55-3f0b8a3a1c11';
const canary = 'canary-9990548609';

const summary = readFileSync(
  new URL(
    '../../schemas/social-care-summary/examples/valid/minimum-useful-record.json',
    import.meta.url,
  ),
  'utf8',
);

const idempotent = compileSchema<{ idempotency: { route: string; key: string; bodyMac: string } }>({
  type: 'object',
  required: ['idempotency'],
  properties: {
    idempotency: {
      type: 'object',
      required: ['route', 'key', 'bodyMac'],
      properties: { route: true, key: true, bodyMac: true },
    },
  },
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
    json: { detail: /Content-Digest/ },
  });
  t.equal(state.refusals.at(-1), 'REQUEST_MALFORMED', 'that a body was changed is recorded');
  const invalid = summary.replace(/"birthDate": "[^"]*"/, `"birthDate": "${canary}"`);
  const refused = await put({ 'if-none-match': '*' }, invalid);
  t.match(refused, { status: 422, json: { code: 'RECORD_INVALID' } });
  t.match(refused.json, { errors: [{ pointer: '/sections/person/birthDate' }, {}] });
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
