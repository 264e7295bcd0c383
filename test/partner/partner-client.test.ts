/** How a partner's client and consumers behave when things go wrong: what is repeated, and what is kept. */
import { generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { changesPoller } from '../../src/partner/changes-poller.ts';
import { inWords } from '../../src/partner/connection-error.ts';
import { parseFeedState, stateFile } from '../../src/partner/feed-state.ts';
import { openLineFile } from '../../src/partner/line-file.ts';
import { parseOutgoingDocument } from '../../src/partner/outgoing-document.ts';
import { type PartnerClient, partnerClient, type Reply } from '../../src/partner/partner-client.ts';
import { poll } from '../../src/partner/poll.ts';
import { accepted } from '../../src/partner/problem-line.ts';
import { waitBeforeNext } from '../../src/partner/repetition.ts';
import { signUserAssertion } from '../../src/partner/user-assertion.ts';
import { testAuthorities, testClient, testServer } from '../support/test-certificates.ts';

type Behaviour = number | 'cut';
const { forServers, forClients } = testAuthorities();

/** A gateway that answers as it is told, one request after another, and keeps the keys that it was sent. */
async function scripted(t: { teardown(undo: () => unknown): unknown }, script: Behaviour[]) {
  const keys: (string | string[] | undefined)[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    keys.push(request.headers['idempotency-key']);
    const next = script.shift() ?? 200;
    if (next === 'cut') return request.socket.destroy();
    const headers = { 'content-type': 'application/json', 'retry-after': '0' };
    return response.writeHead(next, headers).end('{}');
  };
  const { cert, key } = testServer(forServers);
  const server = createServer({ cert, key }, answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const open = (ca = forServers.certificate.toString()) => {
    const { cert: certificate, key: privateKey } = testClient(forClients);
    const repetition = { attempts: 3, longestWaitMs: 1_000 };
    const origin = `https://localhost:${port}`;
    const client = partnerClient({ origin, ca, certificate, privateKey, repetition });
    t.teardown(() => client.close());
    return client;
  };
  return { keys, open };
}

t.test('what nobody took is asked for again, under one key', async (t) => {
  const { keys, open } = await scripted(t, [503, 'cut', 200]);
  t.equal((await open().post('/x', { body: {} })).status, 200);
  t.equal(keys.length, 3);
  t.equal(new Set(keys).size, 1);
  t.ok(keys[0]);
});

t.test('an answer is an answer, and patience has an end', async (t) => {
  for (const status of [400, 403, 404, 409, 500]) {
    const { keys, open } = await scripted(t, [status]);
    t.equal((await open().get('/x')).status, status);
    t.equal(keys.length, 1, `${status} is not repeated`);
  }
  const busy = await scripted(t, [429, 429, 429, 200]);
  t.equal((await busy.open().get('/x')).status, 429);
  const lost = await scripted(t, ['cut', 'cut', 'cut', 200]);
  const unknown = { code: 'UND_ERR_SOCKET', isNothingSent: false };
  await t.rejects(lost.open().put('/x', { text: '{}' }), unknown);
  t.equal(lost.keys.length, 3);
  const stranger = await scripted(t, []);
  const distrusting = stranger.open(forClients.certificate.toString());
  const unsent = /^nothing was sent: the gateway’s certificate is not by an authority in --ca$/;
  await t.rejects(distrusting.get('/x'), { message: unsent, isNothingSent: true });
  t.strictSame(stranger.keys, []);
});

t.test(
  'waits grow, are never shorter than asked for, and never longer than bearable',
  async (t) => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true });
    const attempt = fc.integer({ min: 1, max: 20 });
    const limits = { attempts: 10, longestWaitMs: 60_000 };
    fc.assert(
      fc.property(chance, attempt, fc.nat({ max: 120 }), (chance, attempt, seconds) => {
        const wait = waitBeforeNext({ attempt, retryAfter: String(seconds) }, limits, chance);
        if (attempt >= limits.attempts || seconds > 60) return wait === undefined;
        return wait !== undefined && wait >= seconds * 1_000 && wait <= 60_000;
      }),
    );
    t.equal(waitBeforeNext({ attempt: 1, retryAfter: 'Thu, 26 Nov 2026' }, limits, 1), 250);
    t.equal(waitBeforeNext({ attempt: 3, retryAfter: undefined }, limits, 1), 1_000);
  },
);

function reply(status: number, body: unknown = {}): Reply {
  return { status, body, etag: undefined, ledgerIndex: undefined, preferenceApplied: undefined };
}

t.test('nothing was sent only where no attempt can have sent anything', async (t) => {
  const origin = 'https://localhost:1';
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  t.match(inWords(refused, origin, true), {
    message: 'nothing was sent: nobody listens at localhost:1',
    isNothingSent: true,
  });
  t.match(inWords(refused, origin, false), { isNothingSent: false });
  const alert = Object.assign(new Error('SSL'), { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' });
  t.match(inWords(alert, origin, true), {
    message: /alert says: unknown ca$/,
    isNothingSent: false,
  });
});

t.test('a consumer of changes begins again where the gateway has another log', async (t) => {
  const asked: string[] = [];
  const answers = [
    reply(410, { code: 'CURSOR_GONE' }),
    reply(200, { changes: [{ client: 'c_1', state: 'gone' }], next: 'new', more: true }),
    reply(200, { changes: [], next: 'newer', more: false }),
  ];
  const get: PartnerClient['get'] = async (path) => {
    asked.push(path);
    return answers.shift() ?? reply(500);
  };
  const nothing = async () => reply(500);
  const path = join(t.testdir({}), 'state.json');
  const state = stateFile(path);
  await state.store({ cursor: 'old', held: { 'c_1 ': '"e"' } });
  const lines: object[] = [];
  let restarts = 0;
  const poller = changesPoller({
    client: { get, put: nothing, post: nothing, close: async () => undefined },
    ...{ state, purpose: undefined, hasContent: true, signal: new AbortController().signal },
    handOver: async (line) => void lines.push(line),
    onRestart: () => {
      restarts += 1;
    },
    passing: () => undefined,
  });
  t.strictSame(await poller.pass(0), { isQuiet: false, hasWaited: false });
  t.strictSame(asked, ['/v1/changes?after=old', '/v1/changes', '/v1/changes?after=new']);
  t.strictSame([restarts, lines.length], [1, 1]);
  t.equal(parseFeedState(readFileSync(path, 'utf8')).cursor, 'newer');
  for (const odd of ['', '{}', '{"cursor":1,"held":{}}', '{"cursor":null,"held":null}']) {
    t.throws(() => parseFeedState(odd), RangeError, odd);
  }
  writeFileSync(path, 'x');
  await t.rejects(stateFile(path).load(), { message: `${path}: this is no JSON` });
});

t.test('a consumer goes on after trouble, and ends with what cannot be mended', async (t) => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const troubles: unknown[] = [];
  const onTrouble = (error: unknown) => {
    troubles.push(error);
    stopping.abort();
  };
  const refuse = (status: number) => ({
    pass: async () => {
      accepted(reply(status), [200], 'asking was refused');
      return { isQuiet: true, hasWaited: true };
    },
  });
  await poll(refuse(503), { isOnce: false, signal, onTrouble });
  t.equal(troubles.length, 1);
  const calm = { signal: new AbortController().signal, onTrouble };
  await t.rejects(poll(refuse(403), { isOnce: false, ...calm }), /403/);
  await t.rejects(poll(refuse(503), { isOnce: true, ...calm }), /503/);
});

t.test('a line that a crash has cut off does not spoil the next', async (t) => {
  const path = join(t.testdir({ lines: '{"delivery":"a"}\n{"deliv' }), 'lines');
  const file = await openLineFile(path);
  await file.append('{"delivery":"b"}');
  await file.close();
  t.equal(readFileSync(path, 'utf8'), '{"delivery":"a"}\n{"deliv\n{"delivery":"b"}\n');
});

t.test('a document says of which type it is', async (t) => {
  t.match(parseOutgoingDocument('{"schema":"referral/v1"}'), { type: 'referral' });
  for (const odd of ['', '[]', '{"schema":"referral"}', '{"schema":1}']) {
    t.throws(() => parseOutgoingDocument(odd), RangeError, odd);
  }
});

t.test('a user assertion is signed with the key’s own algorithm', async (t) => {
  const user = { sub: 'u1', name: 'Dr Smith', role: 'gp', purpose: 'TREAT' };
  const now = new Date('2026-11-22T12:00:00Z');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (const [alg, pair] of [
    ['RS256', rsa],
    ['ES256', ec],
  ] as const) {
    const { privateKey: key, publicKey } = pair;
    const signed = signUserAssertion({ user, issuer: 'X81001', audience: 'jetway', key, now });
    const [head = '', claims = '', signature = ''] = signed.split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    t.strictSame(read(head), { alg });
    t.match(read(claims), { ...user, iss: 'X81001', aud: 'jetway', exp: read(claims).iat + 120 });
    const data = Buffer.from(`${head}.${claims}`);
    const verifying = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    t.ok(verify('sha256', data, verifying, Buffer.from(signature, 'base64url')), alg);
  }
  const key = generateKeyPairSync('ed25519').privateKey;
  t.throws(() => signUserAssertion({ user, issuer: 'X', audience: 'j', key, now }), RangeError);
});
