/** Who may speak at all: the exchange door with real TLS clients before it and Fastify behind it. */
import { once } from 'node:events';
import { Socket } from 'node:net';
import t from 'tap';
import { Agent, fetch } from 'undici';
import { type Admission, isRefusal } from '../../src/api/exchange-door.ts';
import { testClient } from '../support/test-certificates.ts';
import {
  authorities,
  ca,
  dial,
  get,
  good,
  keptAlive,
  openDoor,
  other,
  send,
} from '../support/test-door.ts';
import { misshapenCertificates, untrustedCertificates } from '../support/wrong-certificates.ts';

t.test('lets a registered certificate in, under the identity of the register', async (t) => {
  const { port, state } = await openDoor(t);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const reply = await send(port, good, get(), { minVersion: version, maxVersion: version });
    t.equal(reply.status, 200, version);
    t.match(JSON.parse(reply.body), {
      fingerprint256: good.fingerprint256,
      odsCode: 'X81001',
      system: 'main',
    });
  }
  t.same(state.refusals, []);
});

t.test('refuses every wrong certificate before any request is read', async (t) => {
  const { port, state } = await openDoor(t);
  const wrong = [...untrustedCertificates(authorities), ...misshapenCertificates(authorities)];
  const requests = [
    get(),
    get('/no-such-route'),
    'POST /write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}',
    'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'this is no HTTP at all\r\n\r\n',
  ];
  const weak = { ciphers: 'DEFAULT@SECLEVEL=0' };
  for (const { wrong: what, code, credential } of wrong) {
    for (const [at, text] of requests.entries()) {
      // One version is enough for all but the first request: the verdict is the same code.
      const maxVersion = at === 0 ? 'TLSv1.2' : 'TLSv1.3';
      const reply = await send(port, credential, text, { ...weak, maxVersion });
      t.equal(reply.code, code, `a certificate that ${what}: ${code}`);
      t.equal(reply.status, 401);
    }
  }
  t.equal(state.reached, 0, 'no handler was reached');
  t.equal(state.refusals.length, wrong.length * requests.length, 'every refusal was reported');
});

t.test('refuses a caller without a certificate, whatever it asks', async (t) => {
  const { port, state } = await openDoor(t);
  for (const text of [get(), get('/no-such-route'), 'garbage\r\n\r\n']) {
    const reply = await send(port, {}, text);
    t.equal(reply.code, 'CERTIFICATE_MISSING');
    t.match(reply.head, /^HTTP\/1\.1 401 /);
    t.match(reply.head, /connection: close/);
  }
  const body = 'x'.repeat(3_000_000);
  const large = `POST /write HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  t.equal((await send(port, {}, large)).code, 'CERTIFICATE_MISSING', 'behind a large body too');
  t.equal(state.reached, 0);
  t.match(state.refusals[0], { remoteAddress: '127.0.0.1', certificate: undefined });
});

t.test('ordinary clients can read why they were refused', async (t) => {
  const { port } = await openDoor(t);
  const stranger = testClient(authorities.forClients, { odsCode: 'X81003' });
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const dispatcher = new Agent({
      connect: { ca, cert: stranger.cert, key: stranger.key, maxVersion },
    });
    t.teardown(() => dispatcher.destroy());
    const response = await fetch(`https://127.0.0.1:${port}/who`, { dispatcher });
    t.equal(response.status, 403);
    const problem = await response.json();
    t.match(problem, { type: 'urn:jetway:problem:door', status: 403, code: 'CERTIFICATE_UNKNOWN' });
    t.match(JSON.stringify(problem), stranger.certificate.serialNumber, 'names the serial number');
  }
});

t.test('refuses good certificates that the register does not admit', async (t) => {
  const { port, state } = await openDoor(t);
  const codes = ['CERTIFICATE_UNKNOWN', 'CERTIFICATE_REVOKED', 'PARTICIPANT_SUSPENDED'] as const;
  for (const code of codes) {
    state.admissions.set(good.fingerprint256, { kind: 'refused', code });
    const reply = await send(port, good, get());
    t.equal(reply.code, code);
    t.equal(reply.status, 403);
  }
  t.same(
    state.refusals.map(({ code }) => code),
    codes,
  );
  t.ok(
    state.refusals.every(({ certificate }) => certificate?.fingerprint256 === good.fingerprint256),
  );
  t.equal(state.reached, 0);
});

t.test('whose certificate it is, is asked again on every request of a connection', async (t) => {
  const { port, state } = await openDoor(t);
  const dispatcher = new Agent({ connect: { ca, cert: good.cert, key: good.key }, connections: 1 });
  t.teardown(() => dispatcher.destroy());
  const who = async () => (await fetch(`https://127.0.0.1:${port}/who`, { dispatcher })).json();
  await who();
  for (const changed of [
    { odsCode: 'X81009', system: 'main' },
    { odsCode: 'X81009', system: 'another' },
  ]) {
    state.admissions.set(good.fingerprint256, { kind: 'admitted', ...changed });
    t.match(await who(), changed);
  }
});

t.test('refuses everybody while the gateway is closed, and does not say why', async (t) => {
  const { port, state } = await openDoor(t);
  state.closed = true;
  const reply = await send(port, good, get());
  t.equal(reply.status, 503);
  t.equal(reply.code, 'GATEWAY_CLOSED');
  t.match(reply.head, /retry-after: /);
  t.notMatch(reply.body, 'no checkpoint');
  t.match(state.refusals[0], { check: 'no checkpoint' });
});

t.test('refuses the next request on a kept-alive connection once', async (t) => {
  const { port, state } = await openDoor(t);
  const admitted: Admission = { kind: 'admitted', odsCode: 'X81001', system: 'main' };
  const changes = {
    CERTIFICATE_EXPIRED: () => {
      state.offsetMs = 91 * 86_400_000;
    },
    PARTICIPANT_SUSPENDED: () => {
      state.admissions.set(good.fingerprint256, { kind: 'refused', code: 'PARTICIPANT_SUSPENDED' });
    },
    CERTIFICATE_REVOKED: () => {
      state.admissions.set(good.fingerprint256, { kind: 'refused', code: 'CERTIFICATE_REVOKED' });
    },
    GATEWAY_CLOSED: () => {
      state.closed = true;
    },
  };
  for (const [code, change] of Object.entries(changes)) {
    Object.assign(state, { offsetMs: 0, closed: false, reached: 0, refusals: [] });
    state.admissions.set(good.fingerprint256, admitted);
    const ask = keptAlive(t, port, good);
    await ask();
    t.match(await ask(), { status: 200, reused: true }, 'the connection is kept');
    change();
    t.match(await ask(), { answer: { code }, reused: true }, code);
    t.equal(state.reached, 2, 'the refused request reached no handler');
    t.same(
      state.refusals.map((refusal) => refusal.code),
      [code],
      'and was reported once',
    );
  }
});

t.test('cuts the open connections of a revoked certificate, and no others', async (t) => {
  const { port, door } = await openDoor(t);
  const busy = dial(port, good);
  busy.write(get('/stall'));
  const askGood = keptAlive(t, port, good);
  const askOther = keptAlive(t, port, other);
  await askGood();
  await askOther();
  const closed = once(busy, 'close');
  busy.on('error', () => {});
  const count = door.closeSockets((peer) => peer.fingerprint256 === good.fingerprint256);
  t.equal(count, 2, 'the busy one and the idle one');
  await closed;
  t.match(await askOther(), { status: 200, reused: true });
});

t.test('closing the door cuts everybody and says so in the record', async (t) => {
  const { port, door, state } = await openDoor(t);
  const socket = dial(port, good);
  socket.write(get('/who', ''));
  await once(socket, 'data');
  const closed = once(socket, 'close');
  t.equal(door.closeAll('register unreadable'), 1);
  await closed;
  t.match(state.refusals[0], { code: 'GATEWAY_CLOSED', check: 'register unreadable' });
});

t.test('knows nothing of a socket that it never admitted', async (t) => {
  const { door } = await openDoor(t);
  const stray = new Socket();
  const verdict = door.recheck(stray);
  t.ok(isRefusal(verdict) && verdict.code === 'CERTIFICATE_MISSING');
  t.throws(() => door.peerOf(stray), { code: 'CERTIFICATE_MISSING' });
});

t.test('a register that cannot be read admits nobody', async (t) => {
  const { port, state } = await openDoor(t);
  state.admissions.get = () => {
    throw new Error('gone');
  };
  t.equal((await send(port, good, get())).code, 'GATEWAY_CLOSED');
});

t.test('does not wait for a refused caller to go away', async (t) => {
  const { app, port } = await openDoor(t, { limits: { lingerMs: 50 } });
  const accepted = new Promise<Socket>((resolve) => app.server.once('connection', resolve));
  // Nobody reads from this socket, so it never learns that the other side has ended.
  const caller = dial(port, {});
  caller.on('error', () => {});
  const socket = await accepted;
  await once(socket, 'close');
  t.ok(socket.destroyed);
  caller.destroy();
});
