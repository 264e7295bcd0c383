/** User assertions: what a partner's signed word must say before the gateway believes it. */
import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { CompactSign } from 'jose';
import t from 'tap';
import {
  type AssertionAlgorithm,
  type AssertionContext,
  type AssertionKey,
  verifyUserAssertion,
} from '../../src/participants/user-assertion.ts';

interface Signer extends AssertionKey {
  privateKey: KeyObject;
}

function signer(kid: string, algorithm: AssertionAlgorithm): Signer {
  const pair =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, algorithm, ...pair };
}

const ec = signer('ec-1', 'ES256');
const rsa = signer('rsa-1', 'RS256');
const stranger = signer('ec-1', 'ES256');
const at = new Date('2026-11-22T10:00:00.500Z');
const now = Math.floor(at.getTime() / 1000);
const context: AssertionContext = { odsCode: 'X81001', audience: 'jetway', at, keys: [rsa, ec] };
const claims = {
  iss: 'X81001',
  aud: 'jetway',
  sub: 'u-4711',
  name: 'Dr Siân O’Hara',
  role: 'gp',
  purpose: 'TREAT',
  jti: '0123456789abcdef',
  iat: now - 5,
  exp: now + 295,
};
const invalid = { code: 'ASSERTION_INVALID' };

const base64url = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

function sign(
  payload: unknown,
  { algorithm, privateKey, kid }: Signer = ec,
  header: Record<string, unknown> = { kid },
): Promise<string> {
  const bytes =
    typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(JSON.stringify(payload));
  return new CompactSign(bytes).setProtectedHeader({ ...header, alg: algorithm }).sign(privateKey);
}

t.test('believes a user assertion that a registered key signed', async (t) => {
  for (const key of [ec, rsa]) {
    for (const header of [{ kid: key.kid }, {}, { typ: 'JWT' }, { typ: 'jwt', kid: key.kid }]) {
      const assertion = await verifyUserAssertion(await sign(claims, key, header), context);
      t.same(assertion, {
        subject: 'u-4711',
        name: 'Dr Siân O’Hara',
        role: 'gp',
        purpose: 'TREAT',
        jti: '0123456789abcdef',
        issuedAt: new Date((now - 5) * 1000),
        expiresAt: new Date((now + 295) * 1000),
        kid: key.kid,
      });
    }
  }
  const ahead = {
    ...claims,
    iat: now + 60,
    exp: now + 360,
    nbf: now + 60,
    aud: ['jetway'],
    extra: 1,
  };
  t.equal((await verifyUserAssertion(await sign(ahead), context)).jti, claims.jti);
});

t.test('tries each registered key where the header names none', async (t) => {
  const next = signer('ec-2', 'ES256');
  const keys = [ec, rsa, next];
  const token = await sign(claims, next, {});
  t.equal((await verifyUserAssertion(token, { ...context, keys })).kid, 'ec-2');
  await t.rejects(verifyUserAssertion(token, context), invalid);
  await t.rejects(verifyUserAssertion(token, { ...context, keys: [] }), invalid);
});

t.test('refuses claims that break a rule, and repeats none of them', async (t) => {
  const broken: Record<string, Record<string, unknown>> = {
    'another organisation': { iss: 'X81002' },
    'an organisation in another case': { iss: 'x81001' },
    'organisations in a list': { iss: ['X81001'] },
    'another gateway': { aud: 'elsewhere' },
    'two gateways': { aud: ['jetway', 'elsewhere'] },
    'no gateway in a list': { aud: [] },
    'an empty user': { sub: '' },
    'a user that is a number': { sub: 4711 },
    'a NUL in the user': { sub: 'u\0' },
    'a lone surrogate in the name': { name: 'a\ud800' },
    'a newline in the name': { name: 'a\nb' },
    'a text direction override in the name': { name: 'a\u202eb' },
    'a very long name': { name: 'a'.repeat(141) },
    'a role with spaces': { role: 'general practitioner' },
    'roles in a list': { role: ['gp'] },
    'an empty purpose': { purpose: '' },
    'a short jti': { jti: '1234567' },
    'a long jti': { jti: 'a'.repeat(129) },
    'a jti with a space': { jti: '1234 5678' },
    'a jti that is a number': { jti: 1_234_567_890 },
    'a life over five minutes': { exp: now + 296 },
    'a life of nothing': { iat: now + 10, exp: now + 10 },
    'an end before the start': { iat: now + 20, exp: now + 10 },
    'an end that is reached': { iat: now - 300, exp: now },
    'an end in fractions that is reached': { exp: now + 0.5 },
    'a start over 60 seconds ahead': { iat: now + 61, exp: now + 100 },
    'a start in a year beyond dates': { iat: 1e300, exp: 1e300 },
    'an end as text': { exp: `${now + 100}` },
    'a start as text': { iat: `${now}` },
    'a negative start': { iat: -1 },
    'a validity that is to come': { nbf: now + 61 },
    'a validity as text': { nbf: 'now' },
  };
  for (const [what, change] of Object.entries(broken)) {
    const token = await sign({ ...claims, ...change });
    const error = await verifyUserAssertion(token, context).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    t.match(error, invalid, what);
    for (const value of Object.values(change).flat()) {
      if (`${value}`.length > 4)
        t.notMatch(`${error}`, `${value}`, `${what}: the value is not repeated`);
    }
  }
  for (const name of ['iss', 'aud', 'sub', 'name', 'role', 'purpose', 'jti', 'iat', 'exp']) {
    const token = await sign({ ...claims, [name]: undefined });
    await t.rejects(verifyUserAssertion(token, context), invalid, `no ${name}`);
  }
});

t.test('refuses payloads that are no JSON object', async (t) => {
  for (const payload of ['', 'null', '[]', '"x"', '1', '{', '{"a":1}x']) {
    await t.rejects(verifyUserAssertion(await sign(payload), context), invalid, payload);
  }
  const latin1 = Buffer.from(JSON.stringify({ ...claims, name: 'Siân' }), 'latin1');
  const token = await new CompactSign(latin1)
    .setProtectedHeader({ alg: 'ES256' })
    .sign(ec.privateKey);
  await t.rejects(verifyUserAssertion(token, context), invalid, 'not UTF-8');
});

t.test('refuses every algorithm but that of the registered key', async (t) => {
  const payload = base64url(claims);
  for (const alg of ['none', 'None', 'HS256', 'ES384', 'PS256', 'EdDSA', '', 1, null, undefined]) {
    const header = base64url({ alg, kid: 'ec-1' });
    for (const signature of ['', 'AAAA']) {
      await t.rejects(
        verifyUserAssertion(`${header}.${payload}.${signature}`, context),
        invalid,
        `${alg}`,
      );
    }
  }
  // The public key as an HMAC secret: the classic confusion (RFC 8725 section 2.1).
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
  const input = `${base64url({ alg: 'HS256' })}.${payload}`;
  const mac = createHmac('sha256', pem).update(input).digest('base64url');
  await t.rejects(verifyUserAssertion(`${input}.${mac}`, context), invalid);
  const [, body, signature] = (await sign(claims, ec)).split('.');
  const relabelled = `${base64url({ alg: 'RS256' })}.${body}.${signature}`;
  await t.rejects(verifyUserAssertion(relabelled, context), invalid);
  const mislabelled = [{ ...ec, algorithm: 'RS256' as const }];
  const token = await sign(claims, rsa, {});
  await t.rejects(verifyUserAssertion(token, { ...context, keys: mislabelled }), invalid);
});

t.test('refuses a stranger’s key, wherever the header points', async (t) => {
  await t.rejects(verifyUserAssertion(await sign(claims, stranger), context), invalid);
  const jwk = stranger.publicKey.export({ format: 'jwk' });
  const headers = [
    { jwk },
    { kid: 'rsa-1' },
    { kid: 'unknown' },
    { kid: 7 },
    { typ: 'at+jwt' },
    { typ: 1 },
  ];
  for (const header of headers) {
    await t.rejects(verifyUserAssertion(await sign(claims, stranger, header), context), invalid);
  }
  const own = [{ kid: 'rsa-1' }, { kid: 'unknown' }, { typ: 'at+jwt' }, { typ: 'secevent+jwt' }];
  for (const header of own) {
    await t.rejects(verifyUserAssertion(await sign(claims, ec, header), context), invalid);
  }
  const critical = await new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', crit: ['b64'], b64: true })
    .sign(ec.privateKey);
  await t.rejects(verifyUserAssertion(critical, context), invalid, 'crit');
});

t.test('refuses a token with any character changed, and anything that is no token', async (t) => {
  const token = await sign(claims);
  for (let i = 0; i < token.length; i += 1) {
    const other = token[i] === 'B' ? 'C' : 'B';
    const changed = token.slice(0, i) + other + token.slice(i + 1);
    await t.rejects(verifyUserAssertion(changed, context), invalid, `character ${i}`);
  }
  const long = await sign({ ...claims, padding: 'a'.repeat(4096) });
  for (const bad of [
    '',
    '.',
    '..',
    'a.b.c',
    `${token}.`,
    ` ${token}`,
    `${token}\n`,
    `Bearer ${token}`,
    long,
  ]) {
    await t.rejects(verifyUserAssertion(bad, context), invalid);
  }
  await fc.assert(
    fc.asyncProperty(fc.string(), async (garbage) => {
      const error = await verifyUserAssertion(garbage, context).catch((reason: unknown) => reason);
      return error instanceof Error && 'code' in error && error.code === 'ASSERTION_INVALID';
    }),
  );
});
