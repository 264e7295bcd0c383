/** Deliveries on connections over real TLS: what is known once an exchange is over, however it went. */
import { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import t from 'tap';
import { type Manner, manners } from '../../src/partner/manners.ts';
import { meaningOf } from '../../src/relay/answer-meaning.ts';
import { exchangeFailures } from '../../src/relay/delivery-failure.ts';
import type { EndpointConnection } from '../../src/relay/endpoint-connection.ts';
import { listening, serverFor } from '../support/odd-servers.ts';
import { connectionTo, delivery, openTo } from '../support/open-connection.ts';
import { testClock } from '../support/test-clock.ts';
import { endpointAuthorities, startTestEndpoint } from '../support/test-endpoint.ts';

const anchors = [endpointAuthorities.forServers.certificate.toString()];

t.test('deliveries follow one another on one connection', async (t) => {
  const { endpoint, seen, received } = await startTestEndpoint(t);
  const connection = await connectionTo(t, endpoint);
  for (const sequence of [1, 2, 3]) {
    t.ok(connection.isFree);
    const request = delivery(endpoint, { sequence });
    const posted = connection.post(request);
    t.notOk(connection.isFree, 'one at a time');
    t.same(await connection.post(delivery(endpoint)), {
      ...{ kind: 'failed', code: 'CONNECTION_CLOSED', sent: false },
    });
    const answer = await posted;
    t.match(answer, { kind: 'answered', status: 200, retryAfterSeconds: undefined });
    t.match(answer.kind === 'answered' && JSON.parse(answer.body.toString()), {
      ...{ delivery: request.deliveryId, status: 'received' },
    });
  }
  t.equal(seen.connections, 1);
  t.same(
    received.map(({ sequence }) => sequence),
    [1, 2, 3],
  );
});

t.test(
  'a header field that cannot be written is our own fault, and no failure of the endpoint’s',
  async (t) => {
    const { endpoint, seen } = await startTestEndpoint(t);
    const connection = await connectionTo(t, endpoint);
    const request = delivery(endpoint);
    const headers = { ...request.headers, 'jetway-kind': 'record\r\nx: y' };
    await t.rejects(connection.post({ ...request, headers }));
    t.match(await connection.post(request), { kind: 'answered', status: 200 });
    t.equal(seen.requests, 1);
  },
);

t.test('nothing is sent once the authorisation has ended', async (t) => {
  const clock = testClock();
  const { endpoint, seen } = await startTestEndpoint(t);
  const connection = await connectionTo(t, endpoint, { clock });
  const late = delivery(endpoint, { clock });
  clock.advance(5_000);
  const expired = { kind: 'not-sent', code: 'AUTHORISATION_EXPIRED' };
  t.same(await connection.post(late), expired);
  t.ok(connection.isFree, 'the connection is good for the next');
  const first = connection.post(delivery(endpoint, { clock }));
  clock.advance(5_000);
  t.match(await first, { kind: 'answered' }, 'the first on a connection is written in the call');

  const request = delivery(endpoint, { clock });
  const posted = connection.post(request);
  // a used connection is looked at once more before the write: time passes between
  clock.advance(5_000);
  t.same(await posted, expired, 'the clock is read again at the last moment');
  t.equal(seen.requests, 1, 'the endpoint saw nothing of either');
  t.notOk(connection.isFree);
});

t.test('a connection that its peer closed is not free, and nothing is lost on it', async (t) => {
  const { endpoint, seen, closeIdle } = await startTestEndpoint(t);
  const unsent = { kind: 'failed', code: 'CONNECTION_CLOSED', sent: false };
  const closed = (connection: Awaited<ReturnType<typeof connectionTo>>) =>
    new Promise<void>((resolve) => {
      connection.onClosed = resolve;
    });
  const used = await connectionTo(t, endpoint);
  t.match(await used.post(delivery(endpoint)), { kind: 'answered' });
  const gone = closed(used);
  closeIdle();
  await gone;
  t.notOk(used.isFree);
  t.same(await used.post(delivery(endpoint)), unsent);
  t.equal(seen.requests, 1, 'no other connection is opened for it');

  const raced = await connectionTo(t, endpoint);
  t.match(await raced.post(delivery(endpoint)), { kind: 'answered' });
  const posted = raced.post(delivery(endpoint));
  raced.close();
  t.same(await posted, unsent, 'it ends between the call and the write');
  t.equal(seen.requests, 2);

  const clock = testClock();
  const old = await connectionTo(t, endpoint, { clock, limits: { maxAgeMs: 60_000 } });
  clock.advance(59_999);
  t.ok(old.isFree);
  clock.advance(1);
  t.notOk(old.isFree, 'nor is one whose certificate was judged too long ago');
  t.same(await old.post(delivery(endpoint, { clock })), unsent);

  const idle = await connectionTo(t, endpoint, { limits: { idleMs: 10 } });
  await closed(idle);
  t.notOk(idle.isFree, 'it is closed by us after too long a silence');
});

t.test('who speaks before being asked is cut off', async (t) => {
  const server = serverFor('localhost');
  const { url } = await listening(t, (socket) => {
    const tls = new TLSSocket(socket, { isServer: true, cert: server.cert, key: server.key });
    tls.on('error', () => undefined);
    tls.once('secure', () => tls.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  });
  const opened = await openTo({ url, anchors });
  t.equal(opened.kind, 'open');
  if (opened.kind !== 'open') return;
  const { connection } = opened;
  if (connection.isFree) {
    await new Promise<void>((resolve) => {
      connection.onClosed = resolve;
    });
  }
  t.notOk(connection.isFree);
});

t.test(
  'a cut before the delivery was processed and one after it look alike from here',
  async (t) => {
    for (const [manner, had] of [
      ['cut-before', 0],
      ['cut-after', 1],
    ] as const) {
      const { endpoint, received } = await startTestEndpoint(t, { manners: [manner, 'ok'] });
      const request = delivery(endpoint);
      const first = await connectionTo(t, endpoint);
      t.same(await first.post(request), { kind: 'failed', code: 'CONNECTION_CLOSED', sent: true });
      t.equal(received.length, had, `${manner}: what the recipient had`);
      t.notOk(first.isFree);
      const second = await connectionTo(t, endpoint);
      const answer = await second.post(request);
      const status = had === 0 ? 'received' : 'repeated';
      t.match(answer.kind === 'answered' && JSON.parse(answer.body.toString()), { status });
    }
  },
);

t.test('bad manners end in a code, and never in a delivery', async (t) => {
  const short = { firstByteMs: 30, totalMs: 60 };
  const failures: readonly (readonly [Manner, string])[] = [
    ['hang', 'ANSWER_TIMEOUT'],
    ['garbage', 'ANSWER_NOT_HTTP'],
    ['huge', 'ANSWER_TOO_LARGE'],
    ['huge-headers', 'ANSWER_TOO_LARGE'],
  ];
  for (const [manner, code] of failures) {
    const { endpoint, received } = await startTestEndpoint(t, { manners: () => manner });
    const limits = manner === 'hang' ? short : {};
    const connection = await connectionTo(t, endpoint, { limits });
    t.same(await connection.post(delivery(endpoint)), { kind: 'failed', code, sent: true }, manner);
    t.ok(code in exchangeFailures);
    t.equal(received.length, 0);
    t.notOk(connection.isFree);
  }
  const drip = await listening(t, (socket) => {
    const server = serverFor('localhost');
    const tls = new TLSSocket(socket, { isServer: true, cert: server.cert, key: server.key });
    tls.on('error', () => undefined);
    tls.once('data', () => tls.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{'));
  });
  const endpoint = { odsCode: 'X81001', url: drip.url, anchors, recordTypes: undefined };
  const connection = await connectionTo(t, endpoint, { limits: { totalMs: 60 } });
  const late = { kind: 'failed', code: 'ANSWER_TIMEOUT', sent: true };
  t.same(await connection.post(delivery(endpoint)), late, 'the first byte alone is no answer');
});

t.test('other manners are answers, and redirects are not followed', async (t) => {
  const turn: Manner[] = ['slow', '500', '503-retry-after', '400', 'redirect', 'html'];
  const { endpoint, seen, received } = await startTestEndpoint(t, { manners: turn, slowMs: 5 });
  const connection = await connectionTo(t, endpoint);
  const statuses: unknown[] = [];
  for (const _ of turn) {
    const answer = await connection.post(delivery(endpoint));
    statuses.push(answer.kind === 'answered' ? [answer.status, answer.retryAfterSeconds] : answer);
  }
  const none = undefined;
  t.same(statuses, [
    [200, none],
    [500, none],
    [503, 30],
    [400, none],
    [307, none],
    [200, none],
  ]);
  t.equal(seen.requests, turn.length);
  t.equal(received.length, 1);
});

t.test(
  'an endpoint that shows another certificate later is met by the next connection',
  async (t) => {
    const manners: Manner[] = ['ok', 'wrong-certificate', 'ok'];
    const { endpoint, received } = await startTestEndpoint(t, { manners });
    const connection = await connectionTo(t, endpoint);
    t.match(await connection.post(delivery(endpoint)), { kind: 'answered' });
    t.match(await connection.post(delivery(endpoint)), { kind: 'failed', sent: true });
    t.same(await openTo(endpoint), { kind: 'failed', code: 'ENDPOINT_UNTRUSTED' });
    const again = await connectionTo(t, endpoint);
    t.match(await again.post(delivery(endpoint)), { kind: 'answered' });
    t.equal(received.length, 2);
  },
);

t.test('whatever an endpoint does, what is known here is true there', async (t) => {
  const names = manners.map(([name]) => name).filter((name) => name !== 'hang');
  const turns = fc.sample(fc.constantFrom<Manner>(...names), 60);
  t.comment(turns.join());
  const asked: Manner[] = [];
  const { endpoint, received } = await startTestEndpoint(t, {
    slowMs: 1,
    manners: () => {
      const manner = turns[asked.length] ?? 'ok';
      asked.push(manner);
      return manner;
    },
  });
  let kept: EndpointConnection | undefined;
  for (let sequence = 1; asked.length < turns.length; sequence += 1) {
    if (!kept?.isFree) {
      const opened = await openTo(endpoint);
      if (opened.kind === 'failed') {
        t.equal(opened.code, 'ENDPOINT_UNTRUSTED');
        continue;
      }
      kept = opened.connection;
    }
    const request = delivery(endpoint, { sequence });
    const answer = await kept.post(request);
    const had = received.some((one) => one.delivery === request.deliveryId);
    const meaning = meaningOf(answer, request.deliveryId);
    if (meaning.kind === 'delivered') t.ok(had, 'delivered: the recipient has it');
    if (answer.kind === 'failed' && !answer.sent) t.notOk(had, 'not sent: it has not');
    if (asked.at(-1) === 'cut-after') t.match(answer, { kind: 'failed', sent: true });
    if (had && asked.at(-1) !== 'cut-after') t.equal(meaning.kind, 'delivered', 'it said so');
  }
  kept?.close();
});
