/** Canonical JSON (RFC 8785), opaque tokens and keyed digests. */
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import t from 'tap';
import { canonicalJson } from '../../src/encoding/canonical-json.ts';
import { keyedDigest, openToken, sealToken } from '../../src/encoding/opaque-token.ts';

t.test('canonical JSON is what the reference implementation makes of the same value', async (t) => {
  const wellFormed = fc.jsonValue().filter((value) => JSON.stringify(value).isWellFormed());
  fc.assert(
    fc.property(wellFormed, (value) => canonicalJson(value) === canonicalize(value)),
    { numRuns: 2_000 },
  );
  const odd = JSON.parse('{"b":1,"10":2,"9":3,"__proto__":4,"a":{"1":[{"z":1,"y":2}]}}');
  t.equal(canonicalJson(odd), canonicalize(odd));
});

const key = Buffer.alloc(32, 1);
const refused = { code: 'CURSOR_INVALID' };

t.test(
  'canonical JSON sorts members by UTF-16 code units and writes numbers as ECMAScript does',
  async (t) => {
    t.equal(
      canonicalJson({ b: [1, { d: null, c: true }], a: 'x' }),
      '{"a":"x","b":[1,{"c":true,"d":null}]}',
    );
    // RFC 8785 section 3.2.3: the astral emoji sorts before the compatibility letter.
    const keys = {
      '\u20ac': 1,
      '\r': 2,
      '\ufb33': 3,
      '1': 4,
      '\u{1f600}': 5,
      '\u0080': 6,
      '\u00f6': 7,
    };
    t.equal(
      canonicalJson(keys),
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
    );
    // RFC 8785 appendix B.
    const numbers = [0, -0, 5e-324, 1e21, 9007199254740992, 333333333.3333333, 4.5, 2e-3, 1e-27];
    t.equal(
      canonicalJson(numbers),
      '[0,0,5e-324,1e+21,9007199254740992,333333333.3333333,4.5,0.002,1e-27]',
    );
    t.equal(canonicalJson('\u000f\n"\\/é'), '"\\u000f\\n\\"\\\\/é"');
  },
);

t.test('refuses what JSON cannot say instead of committing to something else', async (t) => {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  const unsayable = {
    undefined: undefined,
    'a member that is undefined': { a: undefined },
    'an item that is undefined': [undefined],
    'a hole': new Array(1),
    NaN: { a: Number.NaN },
    Infinity: [Number.POSITIVE_INFINITY],
    'a bigint': { a: 1n },
    'a function': { a: () => 1 },
    'a symbol': [Symbol('s')],
    'a lone surrogate': { a: '\ud800' },
    'a lone surrogate in a name': { '\ud800': 1 },
    'a date': { at: new Date(0) },
    'a map': new Map([['a', 1]]),
    'a buffer': { a: Buffer.alloc(2) },
    'a cycle': cycle,
  };
  for (const [what, value] of Object.entries(unsayable)) {
    t.throws(() => canonicalJson(value), TypeError, what);
  }
});

t.test('canonical JSON says the same value, one way only', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = canonicalJson(value);
      const parsed: unknown = JSON.parse(text);
      return canonicalJson(parsed) === text && JSON.stringify(parsed).length === text.length;
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      return canonicalJson(reversed) === canonicalJson(value);
    }),
  );
});

t.test('a token opens with its key and purpose, and tells no other', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string(), (payload, purpose) => {
      const token = sealToken(key, purpose, payload);
      return /^[A-Za-z0-9_-]+$/.test(token) && openToken(key, purpose, token) === payload;
    }),
  );
  const token = sealToken(key, 'changes', '812');
  t.throws(() => openToken(key, 'inbox', token), refused);
  t.throws(() => openToken(Buffer.alloc(32, 2), 'changes', token), refused);
  t.throws(() => sealToken(key, 'changes', 'x'.repeat(2000)), RangeError);
  t.throws(() => sealToken(Buffer.alloc(31), 'changes', ''), RangeError);
});

t.test('refuses a token with any character changed, cut, added or spelt otherwise', async (t) => {
  const token = sealToken(key, 'changes', 'position 812');
  for (let i = 0; i < token.length; i += 1) {
    const other = token[i] === 'A' ? 'B' : 'A';
    t.throws(
      () => openToken(key, 'changes', token.slice(0, i) + other + token.slice(i + 1)),
      refused,
    );
    t.throws(() => openToken(key, 'changes', token.slice(0, i)), refused);
  }
  for (const bad of [
    `${token}A`,
    `${token}=`,
    `${token} `,
    ` ${token}`,
    `${token}\n`,
    token.repeat(100),
  ]) {
    t.throws(() => openToken(key, 'changes', bad), refused);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (garbage) => {
      try {
        openToken(key, 'changes', garbage);
        return false;
      } catch (error) {
        return error instanceof Error && 'code' in error && error.code === 'CURSOR_INVALID';
      }
    }),
  );
});

t.test(
  'a keyed digest changes with key, purpose, each part, and where parts are cut',
  async (t) => {
    const digests = [
      keyedDigest(key, 'record', 'ab', 'c'),
      keyedDigest(key, 'record', 'a', 'bc'),
      keyedDigest(key, 'record', 'abc'),
      keyedDigest(key, 'record', 'abc', ''),
      keyedDigest(key, 'recorda', 'bc'),
      keyedDigest(key, 'record'),
      keyedDigest(Buffer.alloc(32, 2), 'record', 'ab', 'c'),
    ];
    t.equal(new Set(digests).size, digests.length);
    for (const digest of digests) t.match(digest, /^[A-Za-z0-9_-]{22}$/);
    t.equal(keyedDigest(key, 'record', 'ab', 'c'), digests[0]);
  },
);
