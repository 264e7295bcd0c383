/** The partner kit's endpoint: what a model recipient does with deliveries, in one process and as a command. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Endpoint } from '../../src/participants/endpoint.ts';
import { parseGatewayKey } from '../../src/partner/gateway-key.ts';
import { type Manner, manners, parseManners } from '../../src/partner/manners.ts';
import { type HandshakeFailure, startPartnerEndpoint } from '../../src/partner/partner-endpoint.ts';
import { connectionTo, type DeliveryChanges, delivery } from '../support/open-connection.ts';
import { testClient, testServer } from '../support/test-certificates.ts';
import { testClock } from '../support/test-clock.ts';
import { deliveryKey, endpointAuthorities, startTestEndpoint } from '../support/test-endpoint.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Posts on a connection of its own each time; gives status and body. */
function poster(t: Parameters<typeof connectionTo>[0], endpoint: Endpoint) {
  return async (changes: DeliveryChanges = {}, fields: Record<string, string> = {}) => {
    const connection = await connectionTo(t, endpoint);
    const request = delivery(endpoint, changes);
    const headers = { ...request.headers, ...fields };
    const answer = await connection.post({ ...request, headers });
    connection.close();
    if (answer.kind !== 'answered') return answer;
    return { status: answer.status, ...JSON.parse(answer.body.toString()) };
  };
}

t.test('a delivery is taken once, however often it comes', async (t) => {
  const { endpoint, received } = await startTestEndpoint(t);
  const post = poster(t, endpoint);
  const deliveryId = '5f0c8a52-1d2e-4f5b-9d1e-0c5b7c7f2a10';
  t.same(await post({ deliveryId }), { delivery: deliveryId, status: 'received' });
  t.same(await post({ deliveryId }), { delivery: deliveryId, status: 'repeated' });
  const anew = await post({ deliveryId, sequence: 2, body: { client: 'c1', sender: 'X09SC' } });
  t.match(anew, { status: 'repeated' }, 'however it was decided at the next attempt');
  t.match(received, [
    {
      ...{ delivery: deliveryId, status: 'received', kind: 'record', sequence: 1 },
      ...{ type: 'social-care-summary/v1', ledgerIndex: 812, client: 'c1', from: 'X09SC' },
      proof: { keyId: 'gateway-1', base: /^"@method": POST\n"@target-uri": https:/ },
    },
    { status: 'repeated' },
  ]);
});

t.test('what something newer has overtaken is out of date', async (t) => {
  const { endpoint } = await startTestEndpoint(t);
  const post = poster(t, endpoint);
  const status = async (sequence: number, client: string, sender = 'X09SC') =>
    (await post({ sequence, body: { client, sender } })).status;
  t.equal(await status(2, 'c1'), 'received');
  t.equal(await status(1, 'c1'), 'outdated');
  t.equal(await status(2, 'c1'), 'outdated', 'a sequence is given once');
  t.equal(await status(3, 'c1'), 'received');
  t.equal(await status(1, 'c2'), 'received', 'another person has another order');
  t.equal(await status(1, 'c1', 'X09HB'), 'received', 'and so has another organisation');
  const retraction = { sequence: 4, kind: 'retraction', type: 'social-care-summary' } as const;
  t.match(await post(retraction), { status: 'received' });
  t.equal(await status(3, 'c1'), 'outdated', 'a retraction overtakes what it takes back');
  const message = { kind: 'message', type: 'referral/v1' } as const;
  t.match(await post({ ...message, sequence: 2 }), { status: 'received' });
  t.match(await post({ ...message, sequence: 1 }), { status: 'received' }, 'each stands by itself');
});

t.test('nothing is taken whose origin cannot be shown', async (t) => {
  const stranger = generateKeyPairSync('ed25519').publicKey;
  const wrong = await startTestEndpoint(t, { gatewayKey: stranger });
  t.match(await poster(t, wrong.endpoint)(), { status: 401, code: 'SIGNATURE_WRONG' });
  const old = await startTestEndpoint(t, { clock: testClock('2026-11-22T11:00:00Z') });
  t.match(await poster(t, old.endpoint)(), { status: 401, code: 'SIGNATURE_EXPIRED' });
  const { endpoint, received } = await startTestEndpoint(t);
  const post = poster(t, endpoint);
  const changed = await post({}, { 'jetway-kind': 'retraction' });
  t.match(changed, { status: 401, code: 'SIGNATURE_WRONG' });
  t.match(await post({}, { signature: 'jetway' }), { code: 'SIGNATURE_MALFORMED' });
  t.same([...received, ...old.received, ...wrong.received], []);

  const trusting = await startTestEndpoint(t, { gatewayKey: undefined });
  const unjudged = poster(t, trusting.endpoint);
  t.match(await unjudged({}, { signature: 'jetway' }), { status: 'received' });
  t.match(trusting.received, [{ proof: null }]);
  const digest = 'sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:';
  t.match(await unjudged({}, { 'content-digest': digest }), { status: 400, code: 'DIGEST_WRONG' });
  t.match(await unjudged({}, { 'jetway-sequence': '-1' }), { code: 'HEADERS_MALFORMED' });
  t.match(await unjudged({}, { 'idempotency-key': 'another' }), { code: 'HEADERS_MALFORMED' });
});

t.test('manners are asked for at each request, and a list goes round', async (t) => {
  t.same(parseManners('ok, 500,cut-after'), ['ok', '500', 'cut-after']);
  for (const odd of ['', 'rude', 'ok,', 'OK']) t.throws(() => parseManners(odd), RangeError, odd);
  const names = manners.map(([name]) => name);
  t.same(parseManners(names.join()), names);
  const { endpoint, received } = await startTestEndpoint(t, { manners: ['500', 'ok'] });
  const post = poster(t, endpoint);
  const statuses = [await post(), await post(), await post(), await post({ sequence: 2 })];
  t.same(
    statuses.map(({ status }) => status),
    [500, 'received', 500, 'received'],
  );
  t.equal(received.length, 2);
  const turns: Manner[] = ['wrong-certificate', 'ok'];
  const asked = await startTestEndpoint(t, { manners: () => turns.shift() ?? 'ok' });
  const again = poster(t, asked.endpoint);
  t.match(await again(), { kind: 'failed', sent: true }, 'a request cannot be shown a certificate');
  await t.rejects(again(), { message: 'ENDPOINT_UNTRUSTED' }, 'but the next connection can');
  t.match(await again(), { status: 'received' });
});

t.test('the gateway’s key is read in both forms, and never its private half', async (t) => {
  const { publicKey, privateKey } = deliveryKey;
  const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }));
  t.ok(parseGatewayKey(jwk).equals(publicKey));
  t.ok(parseGatewayKey(pem(publicKey)).equals(publicKey));
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const secretJwk = JSON.stringify(privateKey.export({ format: 'jwk' }));
  for (const odd of [secret, secretJwk, pem(ec), '{', '{}', '', 'key']) {
    t.throws(() => parseGatewayKey(odd), RangeError);
  }
});

function pem(key: typeof deliveryKey.publicKey): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** The command as a partner types it, until it says where it listens. */
async function receiving(t: { teardown(undo: () => unknown): unknown }, words: readonly string[]) {
  const child: ChildProcess = spawn(process.execPath, [main, 'partner', 'receive', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  if (!child.stdout) throw new Error('no output');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => String((await lines.next()).value);
  const url = (await line()).replace('listening on ', '');
  const end = async () => {
    const gone = once(child, 'exit');
    child.kill('SIGINT');
    return (await gone)[0];
  };
  return { url, line, end };
}

t.test(
  '`jetway partner receive` tells of each delivery, and of content only where asked',
  async (t) => {
    const { forServers, forClients } = endpointAuthorities;
    const server = testServer(forServers);
    const folder = t.testdir({
      'server.pem': server.cert,
      'client-ca.pem': forClients.certificate.toString(),
      'gateway.pem': pem(deliveryKey.publicKey),
    });
    chmodSync(folder, 0o755);
    writeFileSync(`${folder}/server.key`, server.key, { mode: 0o600 });
    const words = [
      ...['--cert', `${folder}/server.pem`, '--key', `${folder}/server.key`],
      ...['--client-ca', `${folder}/client-ca.pem`, '--gateway-key', `${folder}/gateway.pem`],
      ...['--out', `${folder}/received.jsonl`, '--manners', 'ok,400'],
    ];
    const { url, line, end } = await receiving(t, words);
    const anchors = [forServers.certificate.toString()];
    const endpoint = { odsCode: 'X81001', url: `${url}/in`, anchors, recordTypes: undefined };
    const clock = testClock(new Date().toISOString());
    const post = poster(t, endpoint);
    const body = { client: 'c1', sections: { alerts: 'Large dog' } };
    t.match(await post({ clock, body }), { status: 'received' });
    t.match(
      await line(),
      /^received +\S+ {2}record social-care-summary\/v1, sequence 1, signature verified$/,
    );
    t.match(await post({ clock }), { status: 400 });
    t.match(
      await line(),
      /^refused +[\da-f-]{36} {2}record social-care-summary\/v1, sequence 1 {2}\(manner 400\)$/,
    );
    const written = readFileSync(`${folder}/received.jsonl`, 'utf8');
    t.match(JSON.parse(written), {
      status: 'received',
      client: 'c1',
      proof: { keyId: 'gateway-1' },
    });
    t.notMatch(written, /Large dog/);
    t.equal(await end(), 0, 'Ctrl-C ends it');

    const telling = await receiving(t, [...words.slice(0, 8), '--content', '--out', '-']);
    const told = poster(t, { ...endpoint, url: `${telling.url}/in` });
    t.match(await told({ clock, body }), { status: 'received' });
    t.match(JSON.parse(await telling.line()).content, /Large dog/);
    t.equal(await telling.end(), 0);
  },
);

t.test('`jetway partner receive` says what is wrong with its words and files', async (t) => {
  const server = testServer(endpointAuthorities.forServers);
  const folder = t.testdir({
    'ec.pem': pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey),
    'a.pem': server.cert,
  });
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const otherPem = other.export({ type: 'pkcs8', format: 'pem' });
  chmodSync(folder, 0o755);
  writeFileSync(`${folder}/a.key`, server.key, { mode: 0o600 });
  writeFileSync(`${folder}/b.key`, otherPem, { mode: 0o600 });
  const typed = async (...words: readonly string[]) => {
    const err: string[] = [];
    const own = `${folder}/a.pem`;
    const files = ['--cert', own, '--key', `${folder}/a.key`, '--client-ca', own];
    const code = await dispatch(commands, ['partner', 'receive', ...files, ...words], {
      ...{ env: {}, out: () => undefined, err: (line) => err.push(line) },
    });
    return { code, err: err.join('\n') };
  };
  t.match(await typed('--manners', 'rude'), { code: 2, err: /--manners: a manner is one of ok,/ });
  t.match(await typed('--port', '65536'), { code: 2, err: /--port/ });
  t.match(await typed('--slow-ms', 'x'), { code: 2, err: /--slow-ms/ });
  t.match(await typed('--key', ''), { code: 2, err: /--key is needed/ });
  t.match(await typed('--key', folder), { code: 1, err: /is not a file/ });
  t.match(await typed('--gateway-key', `${folder}/ec.pem`), { code: 1, err: /Ed25519/ });
  t.match(await typed('--out', folder), { code: 1, err: /cannot be written/ });
  t.match(await typed('--gateway-key', main), { code: 1, err: /Ed25519/ });
  const mismatch = /the key in \S+b\.key is not that of the certificate in \S+a\.pem/;
  t.match(await typed('--key', `${folder}/b.key`), { code: 1, err: mismatch });
  for (const option of ['--cert', '--client-ca']) {
    t.match(await typed(option, main), { code: 1, err: `${main} holds no certificate` }, option);
  }
  const occupant = createServer().listen(0, '127.0.0.1');
  t.teardown(() => occupant.close());
  await once(occupant, 'listening');
  const address = occupant.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const taken = `port ${port} is taken by another program: stop that one, or choose another port with --port`;
  t.match(await typed('--port', port), { code: 1, err: taken });
});

t.test('callers without a handshake are told of, seldom, and by their code alone', async (t) => {
  const failures: HandshakeFailure[] = [];
  const clock = testClock();
  const { forServers, forClients } = endpointAuthorities;
  const { cert, key } = testServer(forServers);
  const clientAuthorities = [forClients.certificate.toString()];
  const endpoint = await startPartnerEndpoint({
    ...{ clock, tls: { certificate: cert, privateKey: key, clientAuthorities } },
    onHandshakeFailed: (failure) => failures.push(failure),
  });
  t.teardown(() => endpoint.stop());
  /** Gives its own port, once the endpoint has ended the connection. */
  const knock = async (shown: { cert?: string; key?: string }) => {
    const port = Number(new URL(endpoint.url).port);
    const socket = connect({ ...shown, port, ca: forServers.certificate.toString() });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined).resume();
    await once(socket, 'secureConnect');
    const { localPort } = socket;
    await closed;
    return localPort;
  };
  const port = await knock({});
  await knock({});
  const none = { code: 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE', port };
  t.strictSame(failures, [none], 'the second within the second is not told');
  const strange = await knock(testClient(forServers));
  t.match(failures[1], { code: /^[A-Z_]+$/, port: strange }, 'another code is told at once');
  clock.advance(1_000);
  await knock({});
  t.equal(failures.length, 3);
});
