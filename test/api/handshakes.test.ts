/** TLS handshakes that fail: which are refusals, why, and what of them is told. */
import { once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import t from 'tap';
import { handshakeCheck } from '../../src/api/handshake-failure.ts';
import { ca, dial, get, good, openDoor, send } from '../support/test-door.ts';

const turn = () => new Promise((next) => setImmediate(next));

/** Until the door has said as much as that. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn();
}

async function connected(port: number, text?: Buffer | string): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1').resume();
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (text !== undefined) socket.write(text);
  return socket;
}

const offers: readonly [what: string, options: ConnectionOptions, check: string][] = [
  [
    'TLS 1.1',
    { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    'protocol-version',
  ],
  ['CBC', { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' }, 'no-shared-cipher'],
  ['AES-CCM', { ciphers: 'TLS_AES_128_CCM_SHA256' }, 'no-shared-cipher'],
  ['P-521', { ecdhCurve: 'secp521r1' }, 'no-shared-parameters'],
  ['SHA-512 alone', { sigalgs: 'ECDSA+SHA512' }, 'no-shared-parameters'],
  ['HTTP/2', { ALPNProtocols: ['h2'] }, 'no-shared-application-protocol'],
];

t.test('says why the two sides found no common TLS', async (t) => {
  const { port, state } = await openDoor(t);
  for (const [what, options, check] of offers) {
    await t.rejects(send(port, good, get(), options), what);
    await until(() => state.handshakes.length > 0);
    t.strictSame(
      state.handshakes,
      [{ code: 'HANDSHAKE_FAILED', check, remoteAddress: '127.0.0.1' }],
      what,
    );
    state.handshakes = [];
  }
  const modern = await openDoor(t, { mode: 'modern' });
  await t.rejects(send(modern.port, good, get(), { maxVersion: 'TLSv1.2' }));
  await until(() => modern.state.handshakes.length > 0);
  t.match(modern.state.handshakes, [{ check: 'protocol-version' }], 'TLS 1.2 at a door of 1.3');
  t.same([state.reached, state.unspoken, state.refusals], [0, 0, []]);
});

t.test('what is not TLS is told by its kind, never by its words', async (t) => {
  const { port, state } = await openDoor(t);
  const said = {
    'GET /canary HTTP/1.1\r\nHost: canary\r\n\r\n': 'not-tls',
    'CONNECT canary:443 HTTP/1.1\r\n\r\n': 'not-tls',
    'SSH-2.0-canary\r\n': 'not-tls',
    '\x03\x00\x00\x13\x0e\xe0\x00\x00canary\x00\x00\x00\x00\x00': 'not-tls',
    '\x16\x03\x01\x00\x06canary': 'other',
    '\x17\x03\x03\x00\x06canary': 'other',
  };
  for (const [text, check] of Object.entries(said)) {
    const socket = await connected(port, Buffer.from(text, 'latin1'));
    await once(socket, 'close');
    t.match(state.handshakes.at(-1), { check, remoteAddress: '127.0.0.1' }, JSON.stringify(text));
  }
  t.equal(state.handshakes.length, Object.keys(said).length, 'each once');
  t.notMatch(JSON.stringify(state), 'canary');
});

t.test('a peer that sends an alert, or goes away in mid-handshake, is reported', async (t) => {
  const { port, state } = await openDoor(t);
  // speaks for a client until the door answers, and then raises the alert of RFC 5246 for an unknown authority
  const between = createServer((client) => {
    const onward = connectTcp(port, '127.0.0.1');
    client.on('data', (data) => onward.write(data));
    onward.once('data', () => onward.write(Buffer.from('15030300020230', 'hex')));
    onward.on('error', () => {}).on('close', () => client.destroy());
    client.on('error', () => {});
  });
  between.listen(0, '127.0.0.1');
  t.teardown(() => between.close());
  await once(between, 'listening');
  const address = between.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { cert, key } = good;
  const client = connect({ port: address.port, ca, cert, key, maxVersion: 'TLSv1.2' });
  await once(client, 'error');
  await until(() => state.handshakes.length === 1);
  t.match(state.handshakes, [{ check: 'peer-alert', remoteAddress: '127.0.0.1' }]);

  for (const leave of ['end', 'resetAndDestroy'] as const) {
    state.handshakes = [];
    const half = await connected(port);
    half.write(Buffer.from('160301', 'hex'), () => half[leave]());
    await until(() => state.handshakes.length + state.unspoken > 0);
    t.match(state.handshakes, [{ check: 'broken-off', remoteAddress: '127.0.0.1' }], leave);
  }
  t.equal(state.unspoken, 0);
});

t.test('who closes without a word was refused nothing; who stays silent was', async (t) => {
  const { port, state } = await openDoor(t);
  for (const leave of ['end', 'resetAndDestroy', 'destroy'] as const)
    (await connected(port))[leave]();
  await until(() => state.unspoken === 3);
  t.same(state.handshakes, []);
  const hasty = await openDoor(t, { limits: { handshakeTimeoutMs: 50 } });
  for (const text of [undefined, '\x16\x03\x01']) {
    await once(await connected(hasty.port, text), 'close');
    t.match(hasty.state.handshakes.at(-1), { check: 'timeout', remoteAddress: '127.0.0.1' });
  }
  t.match([hasty.state.handshakes.length, hasty.state.unspoken], [2, 0]);
});

t.test('handshakes that fail in hundreds leave room for one that does not', async (t) => {
  const { port, state } = await openDoor(t);
  const sockets = await Promise.all(
    Array.from({ length: 200 }, () => connected(port, 'nonsense\r\n')),
  );
  t.equal((await send(port, good, get())).status, 200);
  await until(() => state.handshakes.length === sockets.length);
  t.equal(state.reached, 1);
  const whole = dial(port, good);
  await once(whole, 'secureConnect');
  whole.destroy();
});

t.test('maps what it knows, and calls everything else other', async (t) => {
  t.equal(handshakeCheck('ERR_SSL_BAD_SIGNATURE', 900), 'bad-signature');
  t.equal(handshakeCheck('ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 900), 'peer-alert');
  t.equal(handshakeCheck('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 900), 'peer-alert');
  t.equal(handshakeCheck('ERR_SSL_SOMETHING_NEW', 900), 'other');
  t.equal(handshakeCheck(undefined, 0), 'other');
  t.equal(handshakeCheck('ECONNRESET', undefined), 'broken-off', 'in doubt, a refusal');
});
