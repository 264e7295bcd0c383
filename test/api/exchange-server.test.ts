/** The partners' interface as HTTP: what it answers before any call's meaning is looked at. */
import { once } from 'node:events';
import t from 'tap';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { dial, good, send } from '../support/test-door.ts';
import { openExchange } from '../support/test-exchange-server.ts';

const record = '/v1/clients/c_abc/records/social-care-summary';
const key = { 'idempotency-key': 'k1' };
const canary = 'canary-9990548609';

/** A request in plain text on a connection of its own. */
const text = (line: string, ...fields: string[]) =>
  `${[line, 'Host: localhost', 'Connection: close', ...fields].join('\r\n')}\r\n\r\n`;

t.test(
  'a record comes with its tag, its ledger entry and headers that keep it private',
  async (t) => {
    const { ask, state } = await openExchange(t);
    const reply = await ask('GET', record);
    t.equal(reply.status, 200);
    t.equal(reply.text, '{"sections":{}}', 'byte for byte');
    t.match(reply.headers, {
      'content-type': 'application/json; charset=utf-8',
      etag: '"v1"',
      'ledger-index': '813',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'strict-transport-security': /max-age=/,
      'content-security-policy': /default-src 'none'/,
      'x-request-id': /^[0-9a-f-]{36}$/,
    });
    t.notOk('x-powered-by' in reply.headers || 'server' in reply.headers);
    state.pulled = { ...state.pulled, body: undefined };
    const held = await ask('GET', record, { headers: { 'if-none-match': 'W/"v1"' } });
    t.equal(held.status, 304);
    t.equal(held.text, '');
    t.match(held.headers, { etag: '"v1"', 'ledger-index': '813' });
    t.match(state.calls[1], { request: { ifNoneMatch: ['"v1"'] } });
  },
);

t.test('mirrors the ids of a request, and refuses ids that could not be kept', async (t) => {
  const { ask, state } = await openExchange(t);
  const id = '0B9F8F0C-6F0E-4B7E-8A55-3F0B8A3A1C11';
  const ids = { 'x-request-id': id, 'x-correlation-id': 'care/42' };
  const reply = await ask('GET', record, { headers: ids });
  t.match(reply.headers, ids);
  t.match(state.calls[0], { request: { context: { requestId: id } } });
  const wrong = await ask('GET', '/v1/nothing', { headers: ids });
  t.match(wrong.json, { instance: `urn:uuid:${id}`, code: 'ROUTE_NOT_FOUND' });
  t.match(wrong.headers, ids, 'on problems, too');
  for (const headers of [
    { 'x-request-id': canary },
    { 'x-correlation-id': 'two words' },
    { 'x-correlation-id': 'x'.repeat(129) },
  ]) {
    const refused = await ask('GET', record, { headers });
    t.match(refused, { status: 400, json: { code: 'REQUEST_MALFORMED' } });
    t.notMatch(refused.text, canary);
  }
});

t.test('knows its calls and their methods, and no others', async (t) => {
  const { ask, port, state } = await openExchange(t);
  for (const path of [
    '/',
    '/v1',
    '/v1/whoami/',
    '/V1/whoami',
    '/v1/whoami;x',
    '/v1/clients/c_a',
    `/${canary}`,
  ]) {
    const reply = await ask('GET', path);
    t.match(reply, { status: 404, json: { code: 'ROUTE_NOT_FOUND' } }, path);
    t.notMatch(reply.text, canary);
  }
  for (const method of ['POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'] as const) {
    const reply = await ask(method, record);
    t.equal(reply.status, 405, method);
    t.equal(reply.headers['allow'], 'GET, PUT', method);
  }
  t.equal((await ask('GET', `${record}/retraction`)).headers['allow'], 'POST');
  for (const method of ['PROPFIND', 'QUERY', 'PURGE', 'M-SEARCH']) {
    const reply = await send(port, good, text(`${method} ${record} HTTP/1.1`));
    t.ok([400, 405].includes(reply.status), `${method}: ${reply.status}`);
  }
  for (const target of ['/v1/clients/%ff/facts', '/%C3%28', '*']) {
    const reply = await send(port, good, text(`OPTIONS ${target} HTTP/1.1`));
    t.ok([400, 404, 405].includes(reply.status), `${target}: ${reply.status}`);
    t.match(reply.head, /x-request-id: /, target);
  }
  t.same(state.calls, []);
});

t.test('answers in JSON or not at all', async (t) => {
  const { ask, state } = await openExchange(t);
  const reply = await ask('GET', record, {
    headers: { accept: 'text/html, application/json;q=0' },
  });
  t.match(reply, { status: 406, json: { code: 'NOT_ACCEPTABLE' } });
  t.equal(reply.headers['content-type'], 'application/problem+json');
  t.same(state.calls, [], 'nothing was disclosed on the way');
  t.equal((await ask('GET', record, { headers: { accept: '*/*' } })).status, 200);
});

t.test('reads bodies that are JSON in UTF-8, and no others', async (t) => {
  const { ask, state } = await openExchange(t);
  const path = '/v1/clients/c_abc/records/social-care-summary/retraction';
  const body = '{"reason":"wrong-person"}';
  const types = ['application/json', 'application/json; charset=UTF-8', 'application/fhir+json'];
  for (const type of types) {
    const reply = await ask('POST', path, { headers: { ...key, 'content-type': type }, body });
    t.equal(reply.status, 201, type);
  }
  state.calls = [];
  for (const type of [
    'text/plain',
    'application/xml',
    'application/json; charset=utf-16',
    'x',
    'application/x-www-form-urlencoded',
  ]) {
    const reply = await ask('POST', path, { headers: { ...key, 'content-type': type }, body });
    t.match(reply, { status: 415, json: { code: 'MEDIA_TYPE_UNSUPPORTED' } }, type);
  }
  const packed = { ...key, 'content-encoding': 'gzip' };
  t.equal((await ask('POST', path, { headers: packed, body })).status, 415);
  const ambiguous = {
    duplicate: '{"reason":"wrong-person","reason":"other"}',
    escaped: '{"reason":"wrong-person","\\u0072eason":"other"}',
    prototype: '{"reason":"wrong-person","__proto__":{}}',
    nul: '{"reason":"a\\u0000"}',
    surrogate: '{"reason":"\\ud800"}',
    depth: `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    trailing: '{"reason":"wrong-person"} x',
    empty: '',
    latin: Buffer.from('{"reason":"caf\xe9"}', 'latin1'),
  };
  for (const [what, sent] of Object.entries(ambiguous)) {
    const reply = await ask('POST', path, { headers: key, body: sent });
    t.match(reply, { status: 400, json: { code: 'JSON_MALFORMED' } }, what);
  }
  const unfit = await ask('POST', path, { headers: key, body: `{"reason":"${canary} X","x":1}` });
  t.match(unfit, { status: 422, json: { code: 'REQUEST_INVALID', errors: [{}, {}] } });
  t.notMatch(unfit.text, canary);
  t.same(state.calls, [], 'nothing reached an operation');
});

t.test('a body beyond the limit is refused, and the connection goes on', async (t) => {
  const { ask, state } = await openExchange(t, { maxBodyBytes: 1_000 });
  const large = Buffer.alloc(3_000_000, 0x20);
  for (let round = 0; round < 3; round += 1) {
    const reply = await ask('PUT', record, {
      headers: { ...key, 'if-none-match': '*' },
      body: large,
    });
    t.match(reply, { status: 413, json: { code: 'BODY_TOO_LARGE', detail: /\b1000 bytes/ } });
    t.equal((await ask('GET', record)).status, 200, 'usable afterwards');
  }
  t.equal(state.calls.length, 3, 'the reads alone');
});

t.test('the same connection serves on after every kind of refusal', async (t) => {
  const { ask, app } = await openExchange(t);
  let connections = 0;
  app.server.on('secureConnection', () => {
    connections += 1;
  });
  t.equal((await ask('GET', '/nothing')).status, 404);
  t.equal((await ask('POST', record, { body: '{}' })).status, 405);
  t.equal(
    (await ask('PUT', record, { headers: { 'content-type': 'text/plain' }, body: 'x' })).status,
    415,
  );
  t.equal((await ask('PUT', record, { body: '{}' })).status, 400);
  t.match(await ask('GET', `${record}?x=1`), {
    status: 400,
    json: { detail: 'Query parameter 1 is not known here. Known: sections, custodian.' },
  });
  t.equal((await ask('GET', record)).status, 200);
  t.equal(connections, 1);
});

t.test('an outage says when to come back, a fault of ours says nothing', async (t) => {
  const { ask, state } = await openExchange(t);
  state.failure = new GatewayError('LEDGER_UNAVAILABLE');
  const outage = await ask('GET', record);
  t.match(outage, {
    status: 503,
    json: { code: 'LEDGER_UNAVAILABLE' },
    headers: { 'retry-after': '5' },
  });
  state.failure = new GatewayError('TOO_BUSY', { retryAfterSeconds: 1.2 });
  t.equal((await ask('GET', record)).headers['retry-after'], '2');
  state.failure = new Error(canary);
  const fault = await ask('GET', record);
  t.equal(fault.status, 500);
  t.match(fault.json, { type: 'about:blank', code: 'INTERNAL_ERROR' });
  t.notMatch(fault.text, /canary|\.ts|stack|detail/);
  t.match(
    state.observations.filter(({ kind }) => kind === 'error.unexpected'),
    [{ error: { message: canary } }],
    'the operator is told',
  );
});

t.test('a refused decision shows its code and the entry that records it', async (t) => {
  const { ask, state } = await openExchange(t);
  state.failure = new GatewayError('CONSENT_WITHDRAWN').recordedAt(42);
  const reply = await ask('GET', record);
  t.equal(reply.status, 403);
  t.equal(reply.headers['ledger-index'], '42');
  t.equal(reply.headers['content-type'], 'application/problem+json');
  t.match(reply.json, {
    type: 'urn:jetway:problem:consent',
    status: 403,
    code: 'CONSENT_WITHDRAWN',
  });
  state.failure = new GatewayError('ASSERTION_INVALID');
  t.match(await ask('GET', record), { status: 401, headers: { 'www-authenticate': /^Bearer / } });
  state.failure = new GatewayError('CERTIFICATE_REVOKED');
  const revoked = await ask('GET', record);
  t.match(
    revoked,
    { status: 403, headers: { connection: 'close' } },
    'who may not enter is let go',
  );
});

t.test('a suspended partner is refused on its open connection, which then ends', async (t) => {
  const { port, suspended, state } = await openExchange(t);
  const socket = dial(port, good);
  const chunks: string[] = [];
  socket.on('data', (chunk) => chunks.push(String(chunk)));
  const request = `GET ${record} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  socket.write(request);
  await once(socket, 'data');
  suspended.add(good.fingerprint256);
  const closed = once(socket, 'close');
  socket.write(request);
  await closed;
  t.match(chunks.join(''), /200 OK.*403 Forbidden.*PARTICIPANT_SUSPENDED/s);
  t.equal(state.calls.length, 1, 'the second request reached no operation');
});
