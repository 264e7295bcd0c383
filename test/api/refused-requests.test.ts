/** Requests of admitted peers that are refused: each is reported for the ledger once, before it is answered. */
import { once } from 'node:events';
import t from 'tap';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { dial, get, good, openDoor, send, sendAll } from '../support/test-door.ts';
import { openExchange } from '../support/test-exchange-server.ts';

const record = '/v1/clients/c_abc/records/social-care-summary';
const pattern = '/v1/clients/{client}/records/{recordType}';
const canary = 'canary-9990548609';
const peer = { odsCode: 'X81001', system: 'main', fingerprint256: good.fingerprint256 };
const key = { 'idempotency-key': 'k1' };
const twoPurposes = 'Purpose-Of-Use: TREAT\r\nPurpose-Of-Use: COC\r\nConnection: close\r\n';

t.test('what HTTP refuses is reported by route, and never by address', async (t) => {
  const { ask, port, state } = await openExchange(t, { maxBodyBytes: 1_000 });
  const put = { ...key, 'if-none-match': '*' };
  const large = Buffer.alloc(2_000, 0x20);
  const typed = { ...put, 'content-type': 'text/plain' };
  const cases: [code: string, route: string | undefined, asking: () => Promise<unknown>][] = [
    ['ROUTE_NOT_FOUND', undefined, () => ask('GET', `/v1/${canary}?q=${canary}`)],
    ['METHOD_NOT_ALLOWED', undefined, () => ask('DELETE', record)],
    ['NOT_ACCEPTABLE', `GET ${pattern}`, () => ask('GET', record, { headers: { accept: 'a/b' } })],
    ['BODY_TOO_LARGE', `PUT ${pattern}`, () => ask('PUT', record, { headers: put, body: large })],
    [
      'MEDIA_TYPE_UNSUPPORTED',
      `PUT ${pattern}`,
      () => ask('PUT', record, { headers: typed, body: canary }),
    ],
    [
      'REQUEST_MALFORMED',
      `GET ${pattern}`,
      () => ask('GET', record, { headers: { 'x-request-id': canary } }),
    ],
    ['REQUEST_MALFORMED', 'GET /openapi.json', () => ask('GET', `/openapi.json?${canary}`)],
    ['REQUEST_MALFORMED', `GET ${pattern}`, () => send(port, good, get(record, twoPurposes))],
    // no UTF-8: refused before any hook
    ['REQUEST_MALFORMED', undefined, () => send(port, good, get('/v1/clients/%ff/facts'))],
    // by the door's own rules, and by Node's parser
    ['REQUEST_MALFORMED', undefined, () => send(port, good, get('/', `Host: ${canary}\r\n`))],
    ['REQUEST_MALFORMED', undefined, () => send(port, good, `${canary}\r\n\r\n`)],
  ];
  for (const [code, route, asking] of cases) {
    await asking();
    t.match(state.reported, [{ code, route, peer }], `${code} ${route}`);
    t.equal(state.reported.length, 1, 'once');
    t.equal(state.reported[0]?.route, route);
    state.reported = [];
  }
  t.notMatch(JSON.stringify(state.observations), canary);
  t.same([state.calls, state.refusals], [[], []], 'no operation heard of them');
});

t.test('whoever gives up sending what was refused already is reported once', async (t) => {
  const { port, state } = await openExchange(t, { maxBodyBytes: 1_000 });
  const head = `PUT ${record} HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k1\r\nIf-None-Match: *\r\n`;
  const start = (framing: string) => `${head}Content-Type: application/json\r\n${framing}\r\n\r\n`;
  for (const framing of ['Content-Length: 3000000', 'Transfer-Encoding: chunked']) {
    state.reported = [];
    const socket = dial(port, good);
    socket.write(start(framing));
    socket.write(framing.startsWith('T') ? `800\r\n${' '.repeat(0x800)}\r\n` : ' '.repeat(70_000));
    const closed = once(socket, 'close');
    t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 413 /);
    socket.end();
    await closed;
    t.match(state.reported, [{ code: 'BODY_TOO_LARGE' }], framing);
    t.equal(state.reported.length, 1);
  }
  const socket = dial(port, good).resume();
  const closed = once(socket, 'close');
  socket.end(`${start('Content-Length: 900')}{`);
  await closed;
  t.match(state.reported.at(-1), { code: 'REQUEST_MALFORMED' }, 'and so is who gives up before');
});

t.test('a field that stands twice costs its request, not the connection', async (t) => {
  const { port } = await openExchange(t);
  const twice = 'X-Correlation-ID: a\r\nX-Correlation-ID: b\r\n';
  const answers = await sendAll(port, good, `${get('/v1/whoami', twice)}${get('/v1/whoami')}`);
  t.same(
    [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['400', '200'],
  );
  t.match(answers, 'The header field x-correlation-id must not stand twice.');
});

t.test('a request that takes too long to arrive is reported', async (t) => {
  const { port, state } = await openDoor(t, {
    limits: { headersTimeoutMs: 150, requestTimeoutMs: 200, connectionsCheckingIntervalMs: 50 },
  });
  t.equal((await send(port, good, 'GET /who HTTP/1.1\r\nHost: local')).status, 408);
  t.match(state.unreadable, [{ code: 'REQUEST_TIMEOUT', peer, route: undefined }]);
});

t.test('a rate that is exceeded is reported, and the calls within it are not', async (t) => {
  const { ask, state } = await openExchange(t, { requestsPerMinute: 2 });
  for (let n = 0; n < 5; n += 1) await ask('GET', record);
  t.strictSame(
    state.reported.map(({ code, route }) => [code, route]),
    Array.from({ length: 3 }, () => ['RATE_LIMITED', `GET ${pattern}`]),
  );
});

t.test('a refusal that the ledger has already is not reported again', async (t) => {
  const { ask, state } = await openExchange(t);
  state.failure = new GatewayError('CONSENT_WITHDRAWN').recordedAt(42);
  t.equal((await ask('GET', record)).headers['ledger-index'], '42');
  state.failure = new GatewayError('NO_SHARING_AGREEMENT');
  t.equal((await ask('GET', record)).headers['ledger-index'], '9', 'the route has it recorded');
  const assertion = { authorization: 'Bearer nonsense' };
  t.equal((await ask('GET', record, { headers: assertion })).headers['ledger-index'], '9');
  t.same(state.refusals, ['NO_SHARING_AGREEMENT', 'ASSERTION_INVALID']);
  t.same(state.reported, []);
  t.equal((await ask('GET', '/v1/whoami', { headers: assertion })).status, 401);
  t.match(state.reported, [{ code: 'ASSERTION_INVALID', route: 'GET /v1/whoami' }]);
});

t.test('a trouble of the gateway’s own is no refusal', async (t) => {
  const { ask, port, state } = await openExchange(t);
  for (const failure of [
    new GatewayError('TOO_BUSY'),
    new GatewayError('LEDGER_UNAVAILABLE'),
    new Error('a fault of ours'),
  ]) {
    state.failure = failure;
    t.ok((await ask('GET', record)).status >= 500);
  }
  const full = await openExchange(t, { maxInFlight: 0 });
  t.equal((await full.ask('GET', record)).status, 503);
  t.equal((await send(port, good, get('/openapi.json'))).status, 200);
  t.same([...state.reported, ...full.state.reported, ...state.refusals], []);
});

t.test('what the door refuses on an open connection is the door’s to report', async (t) => {
  const { port, state } = await openDoor(t);
  const { door, ask, suspended, state: exchange } = await openExchange(t);
  t.equal((await ask('GET', record)).status, 200);
  suspended.add(good.fingerprint256);
  t.equal((await ask('GET', record)).status, 403);
  t.same(exchange.reported, []);
  door.closeAll('test over');
  t.equal((await send(port, {}, get())).status, 401);
  t.match([state.refusals.length, state.unreadable.length], [1, 0]);
});
