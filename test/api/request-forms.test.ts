/** What partners write into header fields and queries: read as the RFCs say, or refused without a value. */
import { hash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { acceptsJson } from '../../src/api/accept.ts';
import { heldEtags, parseEntityTags, writePrecondition } from '../../src/api/entity-tags.ts';
import { problemReply } from '../../src/api/problem-reply.ts';
import { problemTypes } from '../../src/api/problem-types.ts';
import { queryShape } from '../../src/api/query.ts';
import { formatContentDigest, verifyContentDigest } from '../../src/encoding/content-digest.ts';
import { doorCodes, refusalCodes, requestCodes } from '../../src/errors/error-code.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';

const requestId = '0b9f8f0c-6f0e-4b7e-8a55-3f0b8a3a1c11';

t.test('serves every client that can read JSON, and no other', async (t) => {
  const served = [
    undefined,
    '*/*',
    'application/json',
    'APPLICATION/JSON;q=0.1',
    'text/html, application/json;q=0.5',
    'text/html;q=0.9, */*;q=0.1',
    'application/*',
    'application/problem+json',
    'application/json; charset=utf-8',
    'application/json;q=1, */*;q=0',
  ];
  const refused = [
    '',
    'text/html',
    'application/json;q=0',
    'application/json;q=0, */*',
    'application/*;q=0.000, application/problem+json',
    'application/fhir+json',
    '*/*;q=0',
    'json',
    '/',
  ];
  for (const accept of served) t.equal(acceptsJson(accept), true, String(accept));
  for (const accept of refused) t.equal(acceptsJson(accept), false, accept);
  fc.assert(fc.property(fc.string(), (text) => typeof acceptsJson(text) === 'boolean'));
});

t.test('reads every list of entity tags that RFC 9110 allows, and refuses the rest', async (t) => {
  const etagc = fc.string({
    unit: fc
      .integer({ min: 0x21, max: 0x7e })
      .filter((code) => code !== 0x22)
      .map((code) => String.fromCharCode(code)),
  });
  const tag = fc.record({ tag: etagc.map((text) => `"${text}"`), isWeak: fc.boolean() });
  const comma = fc.constantFrom(',', ', ', ' , ', ',,', '\t,');
  fc.assert(
    fc.property(fc.array(tag, { minLength: 1, maxLength: 5 }), comma, (tags, separator) => {
      const field = tags.map((one) => `${one.isWeak ? 'W/' : ''}${one.tag}`).join(separator);
      t.same(parseEntityTags(field, 'If-Match'), tags);
      return true;
    }),
    { numRuns: 50 },
  );
  for (const field of ['abc', '"a" "b"', '"a', 'w/"a"', '', ' ', ',', '"a", *', '"a\n"']) {
    t.throws(() => parseEntityTags(field, 'If-Match'), { code: 'REQUEST_MALFORMED' }, field);
  }
  t.same(heldEtags(undefined), []);
  t.same(heldEtags('*'), ['*']);
  t.same(heldEtags('W/"a", "b"'), ['"a"', '"b"'], 'reads compare weakly');
});

t.test('a write says what it replaces, and never a version that nobody saw', async (t) => {
  t.same(writePrecondition(undefined, '*'), { kind: 'absent' });
  t.same(writePrecondition('"a"', undefined), { kind: 'matches', etags: ['"a"'] });
  t.same(writePrecondition('W/"a", "b"', undefined), { kind: 'matches', etags: ['"b"'] });
  t.same(writePrecondition('W/"a"', undefined), { kind: 'matches', etags: [] }, 'matches nothing');
  t.throws(() => writePrecondition(undefined, undefined), { code: 'PRECONDITION_NEEDED' });
  t.throws(() => writePrecondition('*', undefined), { code: 'PRECONDITION_NEEDED' });
  t.throws(() => writePrecondition('"a"', '*'), { code: 'REQUEST_MALFORMED' });
  t.throws(() => writePrecondition(undefined, '"a"'), { code: 'REQUEST_MALFORMED' });
});

t.test('a digest that was sent must be the body’s', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (body, changed) => {
      const digest = formatContentDigest(body);
      verifyContentDigest(digest, body);
      verifyContentDigest(`sha-512=:${hash('sha512', body, 'base64')}:, ${digest}`, body);
      if (Buffer.compare(body, changed) === 0) return;
      t.throws(() => verifyContentDigest(digest, changed), { code: 'REQUEST_MALFORMED' });
    }),
    { numRuns: 30 },
  );
  verifyContentDigest(undefined, Buffer.from('x'));
  verifyContentDigest('crc32c=:AAAAAA==:', Buffer.from('x'));
  for (const field of ['sha-256', 'sha-256=abc', '', 'sha-256=:a b:']) {
    t.throws(() => verifyContentDigest(field, Buffer.from('x')), { code: 'REQUEST_MALFORMED' });
  }
});

t.test(
  'a query has no unknown and no repeated parameter, and a fault tells no value',
  async (t) => {
    const shape = queryShape<{ limit?: number; name?: string }>({
      limit: { type: 'integer', minimum: 1 },
      name: { type: 'string', maxLength: 3 },
    });
    t.same(shape.read(''), {});
    t.same(shape.read('limit=5&name=abc'), { limit: 5, name: 'abc' });
    for (const search of [
      'limit=5&canary=1',
      'name=a&name=b',
      'limit=0',
      'limit=canary',
      'name=canary',
      '__proto__=1',
    ]) {
      try {
        shape.read(search);
        t.fail(search);
      } catch (error) {
        const { body, code } = problemReply(error, requestId);
        t.equal(code, 'REQUEST_MALFORMED');
        t.notMatch(body, 'canary', search);
      }
    }
  },
);

t.test('every code has a face, and a type of its group', async (t) => {
  const codes = [...doorCodes, ...refusalCodes, ...requestCodes];
  t.same(Object.keys(problemTypes).sort(), [...codes].sort());
  for (const code of codes) {
    const { type, status, detail } = problemTypes[code];
    if (code === 'INTERNAL_ERROR') continue;
    t.match(type, /^urn:jetway:problem:[a-z]+$/);
    t.ok(status >= 400 && status <= 503 && detail, code);
  }
  for (const code of refusalCodes) {
    t.equal(problemTypes[code].status, code === 'IDENTITY_INVALID' ? 400 : 403, code);
  }
});

t.test('what a problem adds never replaces what every problem says', async (t) => {
  const error = new GatewayError('CUSTODIAN_NEEDED', {
    extensions: { custodians: ['X09SC'], status: 200, code: 'NONE', instance: 'x' },
    ledgerIndex: 5,
  });
  const { body, headers } = problemReply(error, requestId);
  t.match(JSON.parse(body), {
    status: 409,
    code: 'CUSTODIAN_NEEDED',
    instance: `urn:uuid:${requestId}`,
    custodians: ['X09SC'],
  });
  t.equal(headers['ledger-index'], '5');
});

t.test('every 404 about a person is the same bytes', async (t) => {
  const plain = problemReply(new GatewayError('RESOURCE_NOT_FOUND'), requestId);
  const telling = problemReply(
    new GatewayError('RESOURCE_NOT_FOUND', {
      detail: 'wrong birth date',
      errors: [{ pointer: '/birthDate', rule: 'match', detail: 'differs' }],
      extensions: { hint: 'yes' },
      reasonCodes: ['IDENTITY_MISMATCH'],
    }),
    requestId,
  );
  t.equal(telling.body, plain.body);
});

t.test('an error that nobody foresaw tells the partner nothing', async (t) => {
  for (const thrown of [new Error('canary'), 'canary', undefined, { code: 'RECORD_INVALID' }]) {
    const { status, body, code } = problemReply(thrown, requestId);
    t.equal(status, 500);
    t.equal(code, 'INTERNAL_ERROR');
    t.same(JSON.parse(body), {
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'INTERNAL_ERROR',
      instance: `urn:uuid:${requestId}`,
    });
  }
  const wrapped = new GatewayError('INTERNAL_ERROR', { cause: 'why', detail: 'canary' });
  t.equal(problemReply(wrapped, requestId).unexpected, 'why', 'the operator is told');
  t.notMatch(problemReply(wrapped, requestId).body, 'canary');
});
