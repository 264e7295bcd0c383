/** What the partners' interface holds back, and what it notes: rates, bounds, answers that did not leave. */
import { once } from 'node:events';
import fc from 'fast-check';
import t from 'tap';
import { dial, get, good } from '../support/test-door.ts';
import { openExchange } from '../support/test-exchange-server.ts';

const record = '/v1/clients/c_abc/records/social-care-summary';
const canary = 'canary-9990548609';

t.test('limits how often one certificate asks, whatever it asks, and nobody else', async (t) => {
  const { ask, askAsOther } = await openExchange(t, { requestsPerMinute: 3 });
  t.equal((await ask('GET', '/nothing')).status, 404);
  t.equal((await ask('DELETE', record)).status, 405);
  t.equal((await ask('GET', record)).status, 200);
  for (const path of [record, '/nothing']) {
    const reply = await ask('GET', path);
    t.match(reply, { status: 429, json: { code: 'RATE_LIMITED' } }, path);
    const wait = Number(reply.headers['retry-after']);
    t.ok(wait >= 1 && wait <= 60, 'says when to come back');
  }
  t.equal((await askAsOther('GET', record)).status, 200);
});

t.test('bounds the requests in flight', async (t) => {
  const { ask, askAsOther, state } = await openExchange(t, { maxInFlight: 1 });
  const { promise, resolve } = Promise.withResolvers<void>();
  state.pause = promise;
  const first = ask('GET', record);
  while (state.calls.length === 0) await new Promise((next) => setImmediate(next));
  const second = await askAsOther('GET', record);
  t.match(second, { status: 503, json: { code: 'TOO_BUSY' } });
  t.ok(second.headers['retry-after']);
  resolve();
  t.equal((await first).status, 200);
  t.equal((await askAsOther('GET', record)).status, 200, 'room again');
});

/** Sends so many requests at once on a connection of their own; gives what came back when asked. */
async function pipelined(port: number, count: number) {
  const socket = dial(port, good);
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(socket, 'secureConnect');
  socket.write(get(record, '').repeat(count));
  const statuses = () => [...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  return { socket, statuses };
}

const turn = () => new Promise((next) => setImmediate(next));

t.test(
  'an organisation that asks for too much at once is told so, and nobody else is',
  async (t) => {
    const { port, ask, askAsOther, state } = await openExchange(t, { maxInFlight: 60 });
    const { promise, resolve } = Promise.withResolvers<void>();
    state.pause = promise;
    const sockets = await Promise.all(Array.from({ length: 25 }, () => pipelined(port, 2)));
    while (state.calls.length < 50) await turn();
    for (let round = 0; round < 20; round += 1) {
      const refused = await ask('GET', record);
      t.match(refused, { status: 503, json: { code: 'TOO_BUSY', detail: /Your organisation/ } });
      t.ok(refused.headers['retry-after']);
    }
    const others = askAsOther('GET', record);
    while (state.calls.length < 51) await turn();
    sockets.at(-1)?.socket.destroy();
    while (state.observations.filter((seen) => 'status' in seen && seen.status === 499).length < 2)
      await turn();
    const again = [ask('GET', record)];
    while (state.calls.length < 52) await turn();
    resolve();
    t.equal((await others).status, 200, 'another one is served meanwhile');
    t.equal((await Promise.all(again))[0]?.status, 200, 'who went away leaves a place');
    while (sockets.slice(0, -1).some(({ statuses }) => statuses().length < 2)) await turn();
    t.same(new Set(sockets.flatMap(({ statuses }) => statuses())), new Set(['200']));
    for (const { socket } of sockets) socket.destroy();
  },
);

t.test(
  'one connection has four requests answered at a time, in order, and all of them',
  async (t) => {
    const { app, port, state } = await openExchange(t);
    const { promise, resolve } = Promise.withResolvers<void>();
    state.pause = promise;
    const entered = once(app.server, 'secureConnection');
    const { socket, statuses } = await pipelined(port, 2_000);
    const [inside] = await entered;
    while (state.calls.length < 4) await turn();
    for (let round = 0; round < 100; round += 1) await turn();
    t.equal(state.calls.length, 4);
    t.ok(inside.bytesRead < 120_000, 'most of them are not even read');
    resolve();
    socket.write(get(record));
    await once(socket, 'close');
    t.equal(statuses().length, 2_001);
    t.same(new Set(statuses()), new Set(['200']));
  },
);

t.test('requests that wait on a connection end where the gateway closes it', async (t) => {
  const { door, port, ask, state } = await openExchange(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  state.pause = promise;
  await pipelined(port, 100);
  while (state.calls.length < 4) await turn();
  door.closeSockets(() => true);
  while (state.observations.length < 4) await turn();
  resolve();
  t.equal((await ask('GET', record)).status, 200);
  t.equal(state.calls.length, 5, 'none of them was looked at');
});

t.test('nothing leaves on an authorisation that has outlived itself', async (t) => {
  const { ask, state } = await openExchange(t);
  state.monotonicMs = 5_000;
  const reply = await ask('GET', record);
  t.match(reply, { status: 503, json: { code: 'TOO_BUSY' } });
  t.notMatch(reply.text, 'sections');
  t.same(state.notDelivered, [813], 'and that is noted');
});

t.test('an answer that finds nobody there is noted as not delivered', async (t) => {
  const { port, state } = await openExchange(t);
  const { promise, resolve } = Promise.withResolvers<void>();
  state.pause = promise;
  const socket = dial(port, good);
  socket.write(get(record));
  while (state.calls.length === 0) await new Promise((next) => setImmediate(next));
  socket.destroy();
  while (state.observations.length === 0) await new Promise((next) => setImmediate(next));
  resolve();
  while (state.notDelivered.length === 0) await new Promise((next) => setImmediate(next));
  t.same(state.notDelivered, [813]);
  t.match(state.observations, [{ kind: 'request.completed', status: 499 }]);
});

t.test('every request leaves one observation, by pattern and never by address', async (t) => {
  const { ask, state } = await openExchange(t);
  await ask('GET', record);
  await ask('GET', `/v1/${canary}`);
  await ask('GET', `/v1/clients/${canary}/records/social-care-summary?sections=${canary}`);
  while (state.observations.length < 3) await new Promise((next) => setImmediate(next));
  const pattern = '/v1/clients/:client/records/:recordType';
  t.match(state.observations, [
    {
      kind: 'request.completed',
      method: 'GET',
      route: pattern,
      status: 200,
      organisation: 'X81001',
    },
    { route: undefined, status: 404, code: 'ROUTE_NOT_FOUND' },
    { route: pattern, status: 400, code: 'SECTION_UNKNOWN' },
  ]);
  t.notMatch(JSON.stringify(state.observations), canary);
});

t.test('no request whatever makes the gateway fail', async (t) => {
  const { ask, state } = await openExchange(t);
  const piece = fc.constantFrom(
    'v1',
    'clients',
    'c_abc',
    'records',
    'social-care-summary',
    'consents',
    'audit',
    'events',
    'trace',
    'facts',
    '%00',
    '%ff',
    '..',
    '',
    '__proto__',
    ':client',
    '*',
  );
  const path = fc.array(piece, { maxLength: 7 }).map((pieces) => `/${pieces.join('/')}`);
  const search = fc.constantFrom(
    '',
    '?',
    '?sections=%00',
    '?limit=9e99',
    '?custodian[]=1',
    '?a=%ff',
    '?__proto__=1',
  );
  const value = fc.stringMatching(/^[\x21-\x7e]{1,40}$/);
  const name = fc.constantFrom(
    'if-match',
    'if-none-match',
    'idempotency-key',
    'purpose-of-use',
    'accept',
    'authorization',
    'content-digest',
    'content-type',
    'x-request-id',
    'accept-version',
    'content-encoding',
  );
  const body = fc.option(
    fc.oneof(
      fc.json(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    ),
    { nil: undefined },
  );
  const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD');
  await fc.assert(
    fc.asyncProperty(
      method,
      path,
      search,
      fc.dictionary(name, value, { maxKeys: 4 }),
      body,
      async (verb, target, query, headers, sent) => {
        const hasBody = sent !== undefined && verb !== 'GET' && verb !== 'HEAD';
        const { status } = await ask(verb, `${target.replace(/^\/\/+/, '/')}${query}`, {
          headers,
          ...(hasBody && { body: sent }),
        });
        return status < 500;
      },
    ),
    { numRuns: 400 },
  );
  t.same(
    state.observations.filter(({ kind }) => kind === 'error.unexpected'),
    [],
  );
});
