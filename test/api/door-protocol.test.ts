/** How one must speak to the exchange door: TLS policy, time-outs, limits, and strict HTTP. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import fc from 'fast-check';
import t from 'tap';
import { strictnessFault } from '../../src/api/http-strictness.ts';
import { rsaKeyPair, type TestCredential, testClient } from '../support/test-certificates.ts';
import {
  authorities,
  dial,
  get,
  good,
  openDoor,
  other,
  send,
  sendAll,
} from '../support/test-door.ts';

t.test('no TLS session can be resumed, so each connection shows its certificate', async (t) => {
  const { port } = await openDoor(t);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const options = { minVersion: version, maxVersion: version };
    const first = dial(port, good, options);
    first.write(get());
    await once(first, 'data');
    const offered = first.getSession();
    first.destroy();
    const second = dial(port, good, { ...options, ...(offered ? { session: offered } : {}) });
    await once(second, 'secureConnect');
    second.write(get());
    await once(second, 'data');
    t.equal(second.isSessionReused(), false, version);
    second.destroy();
    if (offered === undefined) throw new Error('no session to offer');
    const without = await send(port, {}, get(), { ...options, session: offered });
    t.equal(without.code, 'CERTIFICATE_MISSING', `${version}: a session is no certificate`);
  }
});

t.test('speaks only TLS that is fit for health records', async (t) => {
  const { port } = await openDoor(t);
  const refused = (options: ConnectionOptions) => send(port, good, get(), options);
  const old = {
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  } as const;
  await t.rejects(refused(old), 'TLS 1.1');
  const suites = ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'AES128-GCM-SHA256'];
  for (const ciphers of suites)
    await t.rejects(refused({ maxVersion: 'TLSv1.2', ciphers }), ciphers);
  await t.rejects(refused({ ALPNProtocols: ['h2'] }), 'HTTP/2');
  const hybrid = await send(port, good, get(), { ecdhCurve: 'X25519MLKEM768' });
  t.equal(hybrid.status, 200, 'offers post-quantum key exchange');
  const rsa = testClient(authorities.forClients, { keys: rsaKeyPair(2048), odsCode: 'X81002' });
  t.equal((await send(port, rsa, get())).code, 'CERTIFICATE_UNKNOWN', 'RSA certificates are read');
  const modern = await openDoor(t, { mode: 'modern' });
  await t.rejects(send(modern.port, good, get(), { maxVersion: 'TLSv1.2' }), 'modern: TLS 1.2');
  t.equal((await send(modern.port, good, get())).status, 200);
});

t.test('does not renegotiate', async (t) => {
  const { port } = await openDoor(t);
  const socket = dial(port, good, { maxVersion: 'TLSv1.2' });
  await once(socket, 'secureConnect');
  const failure = once(socket, 'error');
  socket.renegotiate({}, () => {});
  t.ok(await failure);
  socket.destroy();
});

t.test('destroys handshakes that never finish', async (t) => {
  const { port } = await openDoor(t, { limits: { handshakeTimeoutMs: 100 } });
  const hello = Buffer.from('160301', 'hex');
  for (const bytes of [Buffer.alloc(0), hello, Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    if (bytes.length > 0) socket.write(bytes);
    await once(socket, 'close');
    t.ok(socket.destroyed, `after ${bytes.length} bytes`);
  }
});

t.test('answers slow requests, then closes', async (t) => {
  const limits = {
    headersTimeoutMs: 150,
    requestTimeoutMs: 200,
    connectionsCheckingIntervalMs: 50,
  };
  const { port } = await openDoor(t, { limits });
  const slow = {
    'no request at all': '',
    'half a header': 'GET /who HTTP/1.1\r\nHost: local',
    'half a body':
      'POST /write HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  };
  for (const [what, text] of Object.entries(slow)) {
    const reply = await send(port, good, text);
    t.equal(reply.status, 408, what);
    t.equal(reply.code, 'REQUEST_TIMEOUT', what);
  }
});

t.test('limits connections, overall and for each certificate', async (t) => {
  const { door, port, state } = await openDoor(t, {
    limits: { maxConnections: 3, maxConnectionsPerCertificate: 2 },
  });
  const hold = async (caller: TestCredential) => {
    const socket = dial(port, caller);
    socket.write(get('/who', ''));
    const [data] = await once(socket, 'data');
    return String(data).split(' ')[1];
  };
  t.equal(await hold(good), '200');
  t.equal(await hold(good), '200');
  const third = await send(port, good, get());
  t.equal(third.code, 'TOO_MANY_CONNECTIONS', 'a third of one certificate');
  t.equal(await hold(other), '200', 'another certificate has room');
  t.equal((await send(port, other, get())).code, 'TOO_MANY_CONNECTIONS', 'a fourth overall');
  t.same(new Set(state.refusals.map(({ code }) => code)), new Set(['TOO_MANY_CONNECTIONS']));
  t.equal(
    door.closeSockets(({ odsCode }) => odsCode === 'X81001'),
    2,
  );
  t.equal(await hold(good), '200', 'closed connections make room again');
});

t.test('drops connections beyond all limits, and reports where they came from', async (t) => {
  const { port, state } = await openDoor(t, { limits: { maxConnections: 1, maxUnadmitted: 0 } });
  const first = dial(port, good);
  await once(first, 'secureConnect');
  await t.rejects(send(port, other, get()));
  t.match(state.refusals, [{ code: 'TOO_MANY_CONNECTIONS', remoteAddress: '127.0.0.1' }]);
});

t.test('refuses requests that two readers could read differently', async (t) => {
  const { port, state } = await openDoor(t, { limits: { lingerMs: 200 } });
  const text = (line: string, ...fields: string[]) => `${[line, ...fields].join('\r\n')}\r\n\r\n`;
  const host = 'Host: localhost';
  const ambiguous = {
    'two hosts': text('GET /who HTTP/1.1', host, 'Host: evil'),
    'no host': text('GET /who HTTP/1.1', 'Accept: */*'),
    'a list as host': text('GET /who HTTP/1.1', 'Host: a, b'),
    'HTTP/0.9': text('GET /who HTTP/0.9', host),
    'HTTP/2.0': text('GET /who HTTP/2.0', host),
    'a tunnel': text('CONNECT localhost:443 HTTP/1.1', host),
    'a whole URL': text('GET https://localhost/who HTTP/1.1', host),
    'two slashes': text('GET //who HTTP/1.1', host),
    'an escaped NUL': text('GET /who%00 HTTP/1.1', host),
    'a NUL': text('GET /who\0 HTTP/1.1', host),
    'a broken escape': text('GET /who%2 HTTP/1.1', host),
    'both framings': text(
      'POST /write HTTP/1.1',
      host,
      'Content-Length: 2',
      'Transfer-Encoding: chunked',
    ),
    'two lengths': text('POST /write HTTP/1.1', host, 'Content-Length: 2', 'Content-Length: 2'),
    'an unknown coding': text('POST /write HTTP/1.1', host, 'Transfer-Encoding: gzip, chunked'),
    'a folded field': text('GET /who HTTP/1.1', host, 'X-A: b', ' c'),
    'a space before the colon': text('GET /who HTTP/1.1', host, 'X-A : b'),
    'an unknown expectation': text('GET /who HTTP/1.1', host, 'Expect: a-miracle'),
    'a bare line feed': 'GET /who HTTP/1.1\nHost: localhost\n\n',
  };
  for (const [what, request] of Object.entries(ambiguous)) {
    const reply = await send(port, good, request);
    t.equal(reply.status, 400, what);
    t.equal(reply.code, 'REQUEST_MALFORMED', what);
    const { instance } = JSON.parse(reply.body);
    const reported = state.unreadable.at(-1);
    t.equal(instance, `urn:uuid:${reported?.requestId}`, 'the log has the id that the peer has');
    t.match(reply.head, `x-request-id: ${reported?.requestId}`);
    t.match(reported?.check, /./, 'and what was wrong');
  }
  const large = text('GET /who HTTP/1.1', host, `X-A: ${'a'.repeat(20_000)}`);
  t.equal((await send(port, good, large)).status, 431, 'too large a header');
  t.equal(state.reached, 0, 'none of them reached a handler');
  const codes = Array.from(
    { length: Object.keys(ambiguous).length + 1 },
    () => 'REQUEST_MALFORMED',
  );
  t.same(
    state.unreadable.map(({ code }) => code),
    codes,
    'each was reported once',
  );
});

t.test('does not put words into another request’s answer', async (t) => {
  const { port } = await openDoor(t, { limits: { lingerMs: 100 } });
  const reply = await send(port, good, `${get('/stall', '')}nonsense\r\n\r\n`);
  t.equal(reply.head, '', 'the connection is closed without an answer that could be misread');
});

t.test('a request that cannot be read takes away no answer of those before it', async (t) => {
  const { port, state } = await openDoor(t, { limits: { lingerMs: 5_000 } });
  const answers = async (text: string) => {
    const said = await sendAll(port, good, text);
    return [...said.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
  };
  const sixGood = get('/slow', '').repeat(6);
  const served = ['200', '200', '200', '200', '200', '200'];
  const unreadable = 'nonsense\r\n\r\n';
  const ambiguous = get('/who', 'Host: evil\r\n');
  const tunnel = 'CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (const bad of [unreadable, ambiguous, tunnel]) {
    t.same(await answers(`${sixGood}${bad}`), [...served, '400']);
    t.same(await answers(`${sixGood}${bad}${get()}`), [...served, '400'], 'and nothing after it');
  }
  t.same(await answers(`${get('/slow')}${unreadable}`), ['200'], 'none where the last was named');
  t.equal(state.reached, 37);
});

t.test('accepts every target that RFC 3986 allows, and no other', async (t) => {
  const rawHeaders = ['Host', 'localhost:8443'];
  const fault = (url: string) =>
    strictnessFault({ httpVersion: '1.1', rawHeaders, method: 'GET', url });
  const segment = fc.string({ minLength: 1 }).map(encodeURIComponent);
  const plain = segment.filter((text) => !text.includes('%00'));
  fc.assert(fc.property(plain, plain, (path, query) => fault(`/${path}?a=${query}`) === undefined));
  const foreign = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((unit) => {
    return !/[A-Za-z0-9\-._~!$&'()*+,;=:@/?]/.test(unit);
  });
  fc.assert(fc.property(foreign, (unit) => fault(`/a${unit}b`) !== undefined));
  const version = fc.string().filter((text) => text !== '1.1' && text !== '1.0');
  fc.assert(
    fc.property(
      version,
      (httpVersion) => strictnessFault({ httpVersion, rawHeaders }) !== undefined,
    ),
  );
  for (const host of ['localhost', '10.0.0.1:8443', '[::1]:8443']) {
    const request = { httpVersion: '1.1', rawHeaders: ['HOST', host], method: 'OPTIONS', url: '*' };
    t.equal(strictnessFault(request), undefined, host);
  }
  const old = { method: 'GET', url: '/', httpVersion: '1.0' };
  t.equal(strictnessFault({ ...old, rawHeaders: [] }), undefined, 'HTTP/1.0 may leave Host out');
  t.ok(strictnessFault({ ...old, rawHeaders: ['Transfer-Encoding', 'chunked'] }));
});
