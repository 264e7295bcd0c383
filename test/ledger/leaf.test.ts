/** The bytes of a ledger leaf and what they commit to. */
import fc from 'fast-check';
import t from 'tap';
import { commitment, formatLeaf, leafClasses, parseLeaf } from '../../src/ledger/leaf.ts';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((b) => Buffer.from(b));
const anyLeaf = fc.record({
  leafClass: fc.constantFrom(...Object.values(leafClasses)),
  id: bytes(16),
  commitment: bytes(32),
});

t.test('a leaf is 50 bytes and reads back as it was written', async (t) => {
  fc.assert(
    fc.property(anyLeaf, (leaf) => {
      const written = formatLeaf(leaf);
      return written.length === 50 && formatLeaf(parseLeaf(written)).equals(written);
    }),
  );
  const leaf = {
    leafClass: leafClasses.erasure,
    id: Buffer.alloc(16, 1),
    commitment: Buffer.alloc(32, 2),
  };
  t.equal(formatLeaf(leaf).toString('hex'), `0102${'01'.repeat(16)}${'02'.repeat(32)}`);
  t.same(parseLeaf(formatLeaf(leaf)), leaf);
});

t.test('refuses a stored leaf of another length, version or class', async (t) => {
  const malformed = { code: 'LEDGER_UNAVAILABLE' };
  const good = formatLeaf({
    leafClass: leafClasses.event,
    id: Buffer.alloc(16),
    commitment: Buffer.alloc(32),
  });
  for (let length = 0; length < 50; length += 1) {
    t.throws(() => parseLeaf(good.subarray(0, length)), malformed);
  }
  t.throws(() => parseLeaf(Buffer.concat([good, Buffer.of(0)])), malformed);
  for (let value = 0; value < 256; value += 1) {
    const [otherVersion, otherClass] = [Buffer.from(good), Buffer.from(good)];
    otherVersion[0] = value;
    otherClass[1] = value;
    if (value !== 1) t.throws(() => parseLeaf(otherVersion), malformed);
    if (value < 1 || value > 4) t.throws(() => parseLeaf(otherClass), malformed);
    else t.equal(parseLeaf(otherClass).leafClass, value);
  }
  const event = leafClasses.event;
  t.throws(
    () => formatLeaf({ leafClass: event, id: Buffer.alloc(15), commitment: Buffer.alloc(33) }),
    RangeError,
  );
  t.throws(
    () => formatLeaf({ leafClass: event, id: Buffer.alloc(16), commitment: Buffer.alloc(31) }),
    RangeError,
  );
});

t.test('a commitment is HMAC-SHA-256 of the payload in UTF-8', async (t) => {
  // RFC 4231 section 4.3, test case 2.
  t.equal(
    commitment(Buffer.from('Jefe'), 'what do ya want for nothing?').toString('hex'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
  const key = Buffer.alloc(32, 3);
  t.notSame(commitment(key, 'é'), commitment(key, 'é'.normalize('NFD')), 'nothing is folded');
  t.notSame(commitment(key, 'x'), commitment(Buffer.alloc(32, 4), 'x'));
});
