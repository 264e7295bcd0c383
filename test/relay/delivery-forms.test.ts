/** What the relay decides without a network: addresses, what an answer means, what stands in the header fields. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { verifyRequest } from '../../src/encoding/http-signature.ts';
import { type Answer, meaningOf } from '../../src/relay/answer-meaning.ts';
import {
  answerFailures,
  connectFailures,
  exchangeFailures,
  notSentFailures,
} from '../../src/relay/delivery-failure.ts';
import { type DeliveryDescription, deliveryHeaders } from '../../src/relay/delivery-headers.ts';
import { isForbiddenAddress } from '../../src/relay/endpoint-address.ts';
import { parseRetryAfter } from '../../src/relay/retry-after.ts';
import addresses from '../vectors/addresses/forbidden.json' with { type: 'json' };

const deliveryId = '5f0c8a52-1d2e-4f5b-9d1e-0c5b7c7f2a10';
const dayMs = 86_400_000;

t.test('the gateway dials nobody in its own house', async (t) => {
  const inside = { allowsPrivate: true };
  for (const [what, list] of Object.entries(addresses.house)) {
    for (const ip of list) {
      t.ok(isForbiddenAddress(ip), `${what}: ${ip}`);
      t.notOk(isForbiddenAddress(ip, inside), `${what}, where the operator allows it: ${ip}`);
    }
  }
  for (const [what, list] of Object.entries(addresses.never)) {
    for (const ip of list) {
      t.ok(isForbiddenAddress(ip), `${what}: ${ip}`);
      t.ok(isForbiddenAddress(ip, inside), `${what}, whatever the operator allows: ${ip}`);
    }
  }
  for (const ip of addresses.allowed) t.notOk(isForbiddenAddress(ip), ip);
});

t.test('no form of an address that leads into the house is overlooked', async () => {
  const hex = (octets: readonly number[]) =>
    Buffer.from(octets)
      .toString('hex')
      .replace(/^(....)/, '$1:');
  const octet = fc.nat(255);
  const isPublic = (ip: string) => !isForbiddenAddress(ip);
  fc.assert(
    fc.property(fc.constantFrom(10, 127), octet, octet, octet, (a, b, c, d) => {
      const dotted = [a, b, c, d].join('.');
      const groups = hex([a, b, c, d]);
      const forms = [dotted, `::${dotted}`, `::ffff:${dotted}`, `::ffff:${groups}`];
      const tunnels = [`64:ff9b::${dotted}`, `64:ff9b::${groups}`, `2002:${groups}::1`];
      return ![...forms, ...tunnels].some(isPublic);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => isForbiddenAddress(text) || /^[0-9a-f.:]+$/i.test(text)),
  );
  fc.assert(fc.property(fc.ipV6(), (ip) => isForbiddenAddress(ip) || /^[23]/.test(ip)));
});

function answered(status: number, body: string, retryAfterSeconds?: number): Answer {
  return { kind: 'answered', status, retryAfterSeconds, body: Buffer.from(body) };
}
const receipt = JSON.stringify({ delivery: deliveryId, status: 'received' });

t.test('delivered is only what the endpoint says of this delivery', async (t) => {
  for (const status of [200, 201, 202]) {
    t.same(meaningOf(answered(status, receipt), deliveryId), { kind: 'delivered' });
  }
  const unexpected = { kind: 'retry', code: 'ANSWER_UNEXPECTED' };
  for (const body of [
    ...['', 'ok', '{}', 'null', '[]', `"${deliveryId}"`, `["delivery","${deliveryId}"]`],
    ...['<!doctype html><title>Welcome</title>', `{"delivery":"${deliveryId.toUpperCase()}"}`],
    ...['{"delivery":"a7b1"}', `{"delivery":"a7b1","delivery":"${deliveryId}"}`, `${receipt},`],
    ...[`\ufeff${receipt}`, `{"delivery":["${deliveryId}"]}`, `{"status":"${deliveryId}"}`],
  ]) {
    t.same(meaningOf(answered(200, body), deliveryId), unexpected, body);
  }
  for (const status of [203, 204, 205, 206, 226, 199, 600]) {
    t.same(meaningOf(answered(status, receipt), deliveryId), unexpected, String(status));
  }
});

t.test('every other status is a retry or the end, each for its reason', async (t) => {
  const table: Readonly<Record<string, readonly number[]>> = {
    'retry ENDPOINT_REDIRECTS': [300, 301, 302, 303, 304, 307, 308],
    'retry ENDPOINT_REFUSES': [
      401, 402, 403, 404, 405, 406, 407, 410, 412, 414, 416, 417, 426, 428, 431,
    ],
    'retry ENDPOINT_BUSY': [408, 409, 421, 423, 425, 429, 503],
    'retry ENDPOINT_FAILED': [500, 501, 502, 504, 505, 507, 511, 599],
    'rejected DELIVERY_REJECTED': [400, 411, 418, 422, 424, 451, 499],
    'rejected DELIVERY_TOO_LARGE': [413],
    'rejected DELIVERY_TYPE_UNSUPPORTED': [415],
  };
  for (const [expected, statuses] of Object.entries(table)) {
    const [kind = '', code = ''] = expected.split(' ');
    t.ok(code in answerFailures, code);
    for (const status of statuses) {
      t.same(meaningOf(answered(status, receipt), deliveryId), { kind, code }, String(status));
    }
  }
  const failed = { kind: 'failed', code: 'CONNECTION_CLOSED' } as const;
  for (const sent of [true, false]) {
    t.match(meaningOf({ ...failed, sent }, deliveryId), { kind: 'retry', code: failed.code });
  }
  const expired: Answer = { kind: 'not-sent', code: 'AUTHORISATION_EXPIRED' };
  t.ok(expired.code in notSentFailures);
  t.same(meaningOf(expired, deliveryId), { kind: 'retry', code: expired.code, afterMs: 0 });
});

t.test('every code stands in docs/endpoints.md, and no other', async (t) => {
  const table = readFileSync('docs/endpoints.md', 'utf8').matchAll(/`([A-Z]+_[A-Z_]+)`/g);
  const known = { ...connectFailures, ...exchangeFailures, ...answerFailures, ...notSentFailures };
  t.same([...new Set([...table].map(([, code]) => code))].sort(), Object.keys(known).sort());
});

t.test('an endpoint’s wish to wait is honoured, up to a day', async (t) => {
  const wait = (status: number, seconds: number) => {
    const meaning = meaningOf(answered(status, '', seconds), deliveryId);
    return meaning.kind === 'retry' ? meaning.afterMs : meaning.kind;
  };
  t.equal(wait(503, 30), 30_000);
  t.equal(wait(429, 0), 0);
  t.equal(wait(503, 9_999_999_999), dayMs);
  t.equal(wait(503, Number.NaN), undefined);
  t.equal(wait(400, 30), 'rejected', 'who rejects has nothing to wait for');
  const now = new Date('2026-11-27T08:00:00Z');
  const read = (field: unknown) => parseRetryAfter(field, now);
  t.equal(read('120'), 120);
  t.equal(read('Fri, 27 Nov 2026 08:00:30 GMT'), 30);
  t.equal(read('Fri, 27 Nov 2026 07:00:00 GMT'), 0, 'long ago is now');
  for (const odd of ['', '-1', '1.5', '1e3', 'soon', '2026-11-27', ['1', '2']]) {
    t.equal(read(odd), undefined, String(odd));
  }
});

t.test(
  'no answer makes the meaning throw, and none but the right one means delivered',
  async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(
        fc.nat(700),
        body,
        fc.option(fc.double(), { nil: undefined }),
        (status, body, wait) => {
          const answer = {
            ...answered(status, ''),
            body: Buffer.from(body),
            retryAfterSeconds: wait,
          };
          const meaning = meaningOf(answer, deliveryId);
          if (meaning.kind === 'delivered') return false;
          const { afterMs = 0 } = meaning.kind === 'retry' ? meaning : {};
          return afterMs >= 0 && afterMs <= dayMs;
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
        (id, more) => {
          Reflect.deleteProperty(more, '__proto__');
          const said = answered(200, JSON.stringify({ ...more, delivery: id }));
          return (
            meaningOf(said, id).kind === 'delivered' && meaningOf(said, `${id}0`).kind === 'retry'
          );
        },
      ),
    );
  },
);

t.test('a delivery bears its key, its digest and the gateway’s signature', async (t) => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const description: DeliveryDescription = {
    ...{ deliveryId, sequence: 7, type: 'social-care-summary/v1', kind: 'record' },
    ...{ mediaType: 'application/json', body: Buffer.from('{}'), ledgerIndex: 812 },
    targetUri: 'https://Records.Example.org:443/in',
    at: new Date('2026-11-27T08:00:00.900Z'),
    goodUntil: new Date('2026-11-27T08:00:05.900Z'),
    signer: { keyId: 'gateway-1', privateKey },
  };
  const headers = deliveryHeaders(description);
  t.match(headers, {
    'content-type': 'application/json',
    'content-digest': 'sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:',
    'idempotency-key': deliveryId,
    'jetway-delivery': deliveryId,
    'jetway-kind': 'record',
    'jetway-sequence': '7',
    'jetway-type': 'social-care-summary/v1',
    'ledger-index': '812',
  });
  const created = Date.parse('2026-11-27T08:00:00Z') / 1000;
  const ends = `;created=${created};expires=${created + 5};keyid="gateway-1";alg="ed25519";tag="jetway-delivery"`;
  t.ok(headers['signature-input']?.endsWith(ends));
  const received = {
    ...{ method: 'POST', targetUri: 'https://records.example.org/in', headers },
    ...{ body: description.body, publicKey: createPublicKey(privateKey), tag: 'jetway-delivery' },
    ...{ needed: ['@target-uri'], now: description.at, toleranceSeconds: 0 },
  };
  const { covered } = verifyRequest(received);
  for (const name of Object.keys(headers)) {
    if (name.startsWith('signature')) continue;
    t.ok(covered.includes(name), `${name} is signed`);
    const changed = { ...received, headers: { ...headers, [name]: 'x' } };
    t.throws(() => verifyRequest(changed), { name: 'SignatureError' });
  }
});
