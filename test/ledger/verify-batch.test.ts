/** One batch of entries, judged without a database: whatever was changed in it is found at its entry. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import { appendEvents } from '../../src/ledger/append.ts';
import { packPayloads, payloadLines } from '../../src/ledger/stored-payloads.ts';
import { createFindings } from '../../src/ledger/verification/findings.ts';
import { verifyBatch } from '../../src/ledger/verification/verify-batch.ts';
import { emptyFrontier } from '../../src/tlog/frontier.ts';
import { disclosure } from '../support/test-ledger.ts';

t.test('one changed letter among packed payloads is found at its entry', async (t) => {
  const at = Date.parse('2026-11-20T09:00:00Z');
  const events = Array.from({ length: 12 }, () => disclosure());
  const head = { log: 1, at, frontier: emptyFrontier };
  const batch = appendEvents(head, events, at);
  const lines = payloadLines(batch) ?? [];
  const edited = packPayloads(
    lines.map((line, i) => (i === 7 ? line.replace('permitted', 'refused') : line)),
  );
  const findings = createFindings();
  verifyBatch({ ...batch, ...edited }, { log: 1, lastAt: at, searchRows: new Map() }, findings);
  t.match(
    findings.list.filter(({ finding }) => finding.startsWith('payload')),
    [{ index: 7, finding: 'payload and key do not open the commitment in its leaf' }],
  );
});

t.test(
  'no flipped bit of a batch goes unseen, not even one that changes nothing of what is unpacked',
  async (t) => {
    const at = Date.parse('2026-11-20T09:00:00Z');
    const events = Array.from({ length: 12 }, () => disclosure());
    for (const count of [1, events.length]) {
      const some = events.slice(0, count);
      const batch = appendEvents({ log: 1, at, frontier: emptyFrontier }, some, at);
      t.equal(batch.packed === null, count === 1, 'one as text, many packed');
      const searchRows = new Map(
        some.map(({ action, outcome, organisation, person, recordType, reasonCodes }, index) => {
          const found = { index, at: new Date(at), action, outcome, organisation };
          return [index, { ...found, person, recordType, reasons: reasonCodes }];
        }),
      );
      const findingsIn = (changed: Parameters<typeof verifyBatch>[0]) => {
        const findings = createFindings();
        verifyBatch(changed, { log: 1, lastAt: at, searchRows }, findings);
        return findings.list.length;
      };
      t.equal(findingsIn(batch), 0);
      const flipped = (bytes: Buffer, bit: number) => {
        const copy = Buffer.from(bytes);
        const byte = Math.floor(bit / 8) % bytes.length;
        copy.writeUInt8(copy.readUInt8(byte) ^ (1 << (bit % 8)), byte);
        return copy;
      };
      const parts = {
        leaves: (bit: number) => ({ leaves: flipped(batch.leaves, bit) }),
        keys: (bit: number) => ({ commitmentKeys: flipped(batch.commitmentKeys, bit) }),
        payloads: (bit: number) =>
          batch.packed
            ? { packed: flipped(batch.packed, bit) }
            : {
                payloads: flipped(Buffer.from(batch.payloads ?? '', 'latin1'), bit).toString(
                  'latin1',
                ),
              },
      };
      fc.assert(
        fc.property(
          fc.constantFrom<keyof typeof parts>('leaves', 'keys', 'payloads'),
          fc.nat(20_000),
          (part, bit) => {
            return findingsIn({ ...batch, ...parts[part](bit) }) > 0;
          },
        ),
        { numRuns: 300 },
      );
    }
  },
);

t.test(
  'bytes behind or before packed payloads are found, though they unpack to the same',
  async (t) => {
    const at = Date.parse('2026-11-20T09:00:00Z');
    const events = Array.from({ length: 12 }, () => disclosure());
    const batch = appendEvents({ log: 1, at, frontier: emptyFrontier }, events, at);
    const packed = batch.packed ?? Buffer.alloc(0);
    const lines = payloadLines(batch);
    t.same(zstdDecompressSync(packed).toString().split('\n'), lines, 'any zstd tool unpacks them');
    const unused = Buffer.from([0x51, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 7, 7]);
    const hiding = {
      'one byte behind': [packed, Buffer.from('x')],
      'an empty frame behind': [packed, zstdCompressSync('')],
      'a skippable frame before': [unused, packed],
      'no sum': [packed.subarray(12)],
    };
    for (const [title, parts] of Object.entries(hiding)) {
      const changed = { ...batch, packed: Buffer.concat(parts) };
      t.same(payloadLines(changed), lines, `${title}: the same lines`);
      const findings = createFindings();
      verifyBatch(changed, { log: 1, lastAt: at, searchRows: new Map() }, findings);
      const finding = 'the packed payloads of the batch that begins here were changed';
      t.match(findings.list, [{ index: 0, finding }], title);
    }
  },
);

t.test('a transaction writes no more than can be read back', async (t) => {
  t.throws(() => packPayloads(['x'.repeat(6_000_000)]), RangeError, 'characters');
  t.throws(() => packPayloads(Array.from({ length: 65_537 }, () => '')), RangeError, 'lines');
  t.equal(payloadLines(packPayloads(['x'.repeat(5_000_000)]))?.length, 1);
});

t.test('what unpacks to more than a ledger writes is unreadable, and harms nobody', async (t) => {
  const bombs = { long: 'x'.repeat(20_000_000), lines: '\n'.repeat(10_000_000) };
  for (const [title, bomb] of Object.entries(bombs)) {
    const packed = zstdCompressSync(bomb);
    t.ok(packed.length < 3_000, 'small as it comes');
    t.equal(payloadLines({ payloads: null, packed }), undefined, title);
    t.equal(payloadLines({ payloads: bomb, packed: null }), undefined, `${title}, as text`);
  }
});
