/** JSON from peers, and the pointers that name its faults. */
import * as fc from 'fast-check';
import t from 'tap';
import { formatPointer, parsePointer } from '../../src/encoding/json-pointer.ts';
import { locateJson } from '../../src/encoding/json-spans.ts';
import { decodeUtf8, memberTexts, parseStrictJson } from '../../src/encoding/strict-json.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';

const limits = { maxDepth: 32, maxKeys: 1000 };

/** The rule and place of the refusal, or what was accepted. */
function verdictOn(text: string, within = limits): string {
  return verdictOf(() => parseStrictJson(text, within));
}

function verdictOf(read: () => unknown): string {
  try {
    read();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'JSON_MALFORMED') throw error;
    const [fault] = error.errors ?? [];
    return `${fault?.rule} ${fault?.pointer}`;
  }
}

t.test('reads every JSON value as JSON.parse does', async (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      if (verdictOn(text) !== 'accepted') return fc.pre(false);
      t.equal(JSON.stringify(parseStrictJson(text, limits).value), JSON.stringify(value));
    }),
    { numRuns: 300 },
  );
});

t.test('never throws anything but a refusal, whatever the text', async () => {
  const pieces = fc.constantFrom(
    ...'{}[]",:\\ \n\t01eE+-.unltrf/*\0\ufeff'.split(''),
    '"a"',
    '\\u',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (text) => {
      verdictOn(text.join(''));
    }),
    { numRuns: 3000 },
  );
});

t.test('refuses a member that occurs twice, however its name is spelled', async (t) => {
  t.equal(verdictOn('{"a":1,"a":1}'), 'duplicate /a');
  t.equal(verdictOn('{"a":1,"\\u0061":2}'), 'duplicate /a');
  t.equal(verdictOn('[{"x/y":{"b":[],"b":{}}}]'), 'duplicate /0/x~1y/b');
  t.equal(verdictOn('{"a":{"b":1},"b":{"a":1}}'), 'accepted');
});

t.test('refuses names that would set a prototype', async (t) => {
  t.equal(verdictOn('{"a":[{"__proto__":{"isAdmin":true}}]}'), 'prototype /a/0/__proto__');
  t.equal(verdictOn('{"\\u005f_proto__":1}'), 'prototype /__proto__');
  t.equal(verdictOn('{"constructor":1,"prototype":2,"toString":3}'), 'accepted');
});

t.test('refuses text that the database cannot hold', async (t) => {
  t.equal(verdictOn('{"a":["x\\u0000y"]}'), 'nul /a/0');
  t.equal(verdictOn('{"\\u0000":1}'), 'nul /…');
  t.equal(verdictOn('["\\ud83d"]'), 'surrogate /0');
  t.equal(verdictOn('["\\ude00\\ud83d"]'), 'surrogate /0');
  t.equal(verdictOn('{"\\udc00":1}'), 'surrogate /…');
  t.equal(verdictOn('["\\ud83d\\ude00", "😀"]'), 'accepted');
});

t.test('refuses numbers that would be checked as one value and relayed as another', async (t) => {
  for (const text of ['1e400', '-1e400', '1e-400', '9007199254740993', '1e21', '0.0000e1,1e-999']) {
    t.match(verdictOn(`[${text}]`), /^number \/[01]$/u, text);
  }
  for (const text of ['0', '-0', '0.000', '0e9', '9007199254740991', '1.5e-300', '1e15']) {
    t.equal(verdictOn(`[${text}]`), 'accepted', text);
  }
});

t.test('refuses what only looks like JSON', async (t) => {
  const texts = [
    '',
    ' ',
    '[1,]',
    '{"a":1,}',
    '// note\n1',
    '[1/* note */]',
    "{'a':1}",
    '{a:1}',
    '[01]',
    '[1.]',
    '[.5]',
    '[+1]',
    '[NaN]',
    '{"a":1}{"b":2}',
    '"\u0001"',
    '"\\x41"',
    '\u00a0 1',
    '"open',
  ];
  for (const text of texts) t.equal(verdictOn(text), 'syntax ', JSON.stringify(text));
});

t.test('refuses a text that nests too deep, before anything recurses', async (t) => {
  t.equal(verdictOn(`${'['.repeat(32)}${']'.repeat(32)}`), 'accepted');
  t.equal(verdictOn(`${'['.repeat(33)}${']'.repeat(33)}`), 'depth ');
  t.equal(verdictOn('{"a":'.repeat(200_000)), 'depth ');
  t.equal(verdictOn('["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\"[["]'), 'accepted');
});

t.test('refuses a text with too many members and elements', async (t) => {
  const within = { maxDepth: 5, maxKeys: 4 };
  t.equal(verdictOn('{"a":[1,2,3]}', within), 'accepted');
  t.equal(verdictOn('{"a":[1,2,3,4]}', within), 'members ');
  t.equal(verdictOn('[[[],[]],[]]', within), 'accepted');
  t.equal(verdictOn('[[[],[]],[],1]', within), 'members ');
  t.equal(verdictOn('["a,b,c,d,e,f,g"]', within), 'accepted');
});

t.test('shows no name in a fault that may be a value', async (t) => {
  for (const name of ['x'.repeat(65), '9996282457', 'nhs 9996282457']) {
    t.equal(verdictOn(`{"${name}":"\\u0000"}`), 'nul /…', name);
  }
  t.equal(verdictOn(`{"${'x'.repeat(64)}":"\\u0000"}`), `nul /${'x'.repeat(64)}`);
});

t.test('gives the members of an object with their texts byte for byte', async (t) => {
  const json = parseStrictJson(
    '{ "schema": "a/v1", "sections" : {"b":{ "x" : 1.50 } ,\n "\\u0061": [ "caf\\u00e9" ]} }',
    limits,
  );
  t.same(memberTexts(json, ['sections']), [
    { name: 'b', text: '{ "x" : 1.50 }' },
    { name: 'a', text: '[ "caf\\u00e9" ]' },
  ]);
  t.same(memberTexts(json, ['sections', 'b']), [{ name: 'x', text: '1.50' }]);
  t.same(memberTexts(json, ['sections', 'none']), []);
  t.same(memberTexts(json, ['schema']), []);
});

t.test('finds each member where JSON.parse would find it', async (t) => {
  const objects = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }));
  fc.assert(
    fc.property(objects, fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const root = locateJson(text);
      for (const { name, value: span } of root.kind === 'object' ? root.members : []) {
        t.same(JSON.parse(text.slice(span.start, span.end)), JSON.parse(text)[name]);
      }
      t.match(root, { kind: 'object', members: { length: Object.keys(value).length } });
    }),
    { numRuns: 200 },
  );
});

t.test('refuses bytes that are not UTF-8', async (t) => {
  const decode = (...bytes: number[]): string =>
    verdictOf(() => decodeUtf8(Uint8Array.from(bytes)));
  t.equal(decodeUtf8(Buffer.from('"naïve 😀"')), '"naïve 😀"');
  t.equal(decode(0xef, 0xbb, 0xbf, 0x31), 'encoding ', 'a byte order mark');
  t.equal(decode(0xc0, 0x80), 'encoding ', 'an overlong NUL');
  t.equal(decode(0xed, 0xa0, 0x80), 'encoding ', 'an encoded surrogate');
  t.equal(decode(0xe2, 0x82), 'encoding ', 'a cut character');
  t.equal(decode(0xff, 0xfe, 0x31, 0x00), 'encoding ', 'UTF-16');
});

t.test('writes and reads JSON Pointers as inverses', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.string()), (path) => {
      t.same(parsePointer(formatPointer(path)), path);
    }),
  );
  t.equal(formatPointer(['a/b', 'm~n', 0, '']), '/a~1b/m~0n/0/');
  t.same(parsePointer('/~01'), ['~1']);
  t.same(parsePointer(''), []);
  for (const wrong of ['a', '/~', '/~2', '#/a']) t.throws(() => parsePointer(wrong), RangeError);
});
