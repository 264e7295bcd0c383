/** Connections to endpoints over real TLS: which come about, which are refused, and by which code. */
import { once } from 'node:events';
import { TLSSocket } from 'node:tls';
import t from 'tap';
import { createCertificateAuthority } from '../../src/pki/certificate-authority.ts';
import { connectFailures } from '../../src/relay/delivery-failure.ts';
import { listening, serverFor } from '../support/odd-servers.ts';
import { connectionTo, delivery, openTo } from '../support/open-connection.ts';
import { ecKeyPair, testClient } from '../support/test-certificates.ts';
import { endpointAuthorities, startTestEndpoint } from '../support/test-endpoint.ts';

const { forServers } = endpointAuthorities;
const anchors = [forServers.certificate.toString()];
const dayMs = 86_400_000;

t.test('no connection to an endpoint whose certificate is wrong', async (t) => {
  const stranger = createCertificateAuthority({
    commonName: 'Test authority for servers',
    now: new Date(Date.now() - dayMs),
    privateKey: ecKeyPair('P-256', 'stranger').privateKey,
  });
  const ago = (days: number) => new Date(Date.now() - days * dayMs);
  const wrong = [
    ['is by a namesake of its authority', 'ENDPOINT_UNTRUSTED', serverFor('localhost', stranger)],
    ['has expired', 'ENDPOINT_UNTRUSTED', serverFor('localhost', forServers, ago(100))],
    ['is not valid yet', 'ENDPOINT_UNTRUSTED', serverFor('localhost', forServers, ago(-30))],
    ['is a client’s', 'ENDPOINT_UNTRUSTED', testClient(forServers)],
    ['is for another name', 'ENDPOINT_NAME_MISMATCH', serverFor('elsewhere.example')],
  ] as const;
  for (const [what, code, credential] of wrong) {
    const { endpoint, seen } = await startTestEndpoint(t, { credential });
    t.same(await openTo(endpoint), { kind: 'failed', code }, what);
    t.equal(seen.requests, 0);
    t.ok(code in connectFailures);
  }
});

t.test(
  'trust is the endpoint’s own: an authority of another endpoint’s counts for nothing',
  async (t) => {
    const { endpoint } = await startTestEndpoint(t);
    const others = [endpointAuthorities.forClients.certificate.toString()];
    const opened = await openTo({ ...endpoint, anchors: others });
    t.same(opened, { kind: 'failed', code: 'ENDPOINT_UNTRUSTED' });
    await t.rejects(openTo({ ...endpoint, anchors: [] }), 'nor does the system’s store');
  },
);

t.test(
  'the registered name must stand in the certificate, whatever address is dialled',
  async (t) => {
    const { endpoint } = await startTestEndpoint(t, {
      credential: serverFor('records.example.org'),
    });
    const url = endpoint.url.replace('localhost', 'records.example.org');
    const here = { resolve: async () => ['127.0.0.1'] };
    t.match(await openTo({ url, anchors }, here), { kind: 'open' });
    t.same(await openTo(endpoint, here), { kind: 'failed', code: 'ENDPOINT_NAME_MISMATCH' });
    const byAddress = await startTestEndpoint(t);
    const numeric = byAddress.endpoint.url.replace('localhost', '127.0.0.1');
    t.match(
      await openTo({ url: numeric, anchors }),
      { kind: 'open' },
      'an address may be the name',
    );
  },
);

t.test('no connection to the gateway’s own house, unless the operator allows it', async (t) => {
  const { endpoint, seen } = await startTestEndpoint(t);
  const outside = { allowsPrivateAddresses: false };
  const refused = { kind: 'failed', code: 'ENDPOINT_ADDRESS_REFUSED' };
  t.same(await openTo(endpoint, outside), refused);
  for (const host of ['127.0.0.1', '[::1]', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]']) {
    const url = new URL(endpoint.url.replace('localhost', host)).href;
    t.same(await openTo({ url, anchors }, outside), refused, host);
  }
  for (const addresses of [['169.254.169.254'], ['8.8.8.8', '127.0.0.1'], ['fd00::1']]) {
    const resolve = async () => addresses;
    t.same(await openTo(endpoint, { ...outside, resolve }), refused, addresses.join());
  }
  const resolve = async () => ['169.254.169.254'];
  t.same(await openTo(endpoint, { resolve }), refused, 'the cloud’s metadata never');
  t.equal(seen.connections, 0);
});

t.test('a name that means another address a moment later changes nothing', async (t) => {
  const { endpoint, seen } = await startTestEndpoint(t);
  const answers = [['127.0.0.1'], ['169.254.169.254']];
  const looked: string[] = [];
  const resolve = async (host: string) => {
    looked.push(host);
    return answers.shift() ?? [];
  };
  const connection = await connectionTo(t, endpoint, { resolve });
  t.match(await connection.post(delivery(endpoint)), { kind: 'answered', status: 200 });
  t.same(looked, ['localhost'], 'it is looked up once, and the address that was judged is dialled');
  t.equal(seen.connections, 1);
});

t.test('an endpoint that is not there is told from one that does not speak TLS', async (t) => {
  const opened = (url: string, options?: Parameters<typeof openTo>[1]) =>
    openTo({ url, anchors }, options);
  const failed = (code: string) => ({ kind: 'failed', code });
  const { endpoint } = await startTestEndpoint(t);
  const { url } = await listening(t, () => undefined);
  const nobody = async () => {
    throw new Error('ENOTFOUND');
  };
  t.same(await opened(url, { resolve: nobody }), failed('ENDPOINT_UNRESOLVED'));
  t.same(await opened(url, { resolve: async () => [] }), failed('ENDPOINT_UNRESOLVED'));
  const short = { limits: { connectMs: 20 } };
  t.same(await opened(url, short), failed('ENDPOINT_TIMEOUT'), 'it accepts, and says nothing');
  const never = { ...short, resolve: () => new Promise<never>(() => undefined) };
  t.same(await opened(url, never), failed('ENDPOINT_TIMEOUT'), 'nor does the look-up');
  const plain = await listening(t, (socket) => socket.end('220 mail.example.org ESMTP\r\n'));
  t.same(await opened(plain.url), failed('ENDPOINT_TLS_FAILED'));
  const shut = await listening(t, (socket) => socket.destroy());
  t.same(await opened(shut.url), failed('ENDPOINT_TLS_FAILED'));
  shut.server.close();
  await once(shut.server, 'close');
  t.same(await opened(shut.url), failed('ENDPOINT_UNREACHABLE'));
  const elsewhere = { resolve: async () => ['127.0.0.2', '127.0.0.1'] };
  t.match(await openTo(endpoint, elsewhere), { kind: 'open' }, 'another address of it answers');
});

t.test('an endpoint that wants no certificate of ours takes nothing', async (t) => {
  const { endpoint, received } = await startTestEndpoint(t);
  const stranger = testClient(forServers);
  const identity = { certificate: stranger.cert, privateKey: stranger.key };
  const opened = await openTo(endpoint, { identity });
  // in TLS 1.3 the refusal comes after the handshake, so it may be met only by the exchange
  if (opened.kind === 'open') {
    const answer = await opened.connection.post(delivery(endpoint));
    t.match(answer, { kind: 'failed', code: /ENDPOINT_TLS_FAILED|CONNECTION_CLOSED/ });
  }
  t.equal(received.length, 0);
});

t.test('an endpoint may be of TLS 1.2, unless the gateway takes 1.3 alone', async (t) => {
  const server = serverFor('localhost');
  const { url } = await listening(t, (socket) => {
    const { cert, key } = server;
    const tls = new TLSSocket(socket, { isServer: true, cert, key, maxVersion: 'TLSv1.2' });
    tls.on('error', () => undefined);
  });
  t.match(await openTo({ url, anchors }), { kind: 'open' });
  const modern = await openTo({ url, anchors }, { tlsMode: 'modern' });
  t.same(modern, { kind: 'failed', code: 'ENDPOINT_TLS_FAILED' });
});
