/** The Merkle tree against RFC 6962: published roots, and a naive reference at every size to 300. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  appendLeafHashes,
  decodeFrontier,
  emptyFrontier,
  encodeFrontier,
  type Frontier,
  frontierFromBlocks,
  rootOf,
} from '../../src/tlog/frontier.ts';
import { emptyRoot, leafHash, nodeHash } from '../../src/tlog/merkle-hash.ts';
import vectors from '../vectors/merkle/rfc6962-roots.json' with { type: 'json' };

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** RFC 6962 section 2.1, word for word: recursive, over entries. */
function referenceRoot(entries: readonly Buffer[]): Buffer {
  const [first] = entries;
  if (first === undefined) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), first);
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  const [left, right] = [entries.slice(0, split), entries.slice(split)];
  return sha256(Buffer.of(1), referenceRoot(left), referenceRoot(right));
}

const entriesTo = (size: number): Buffer[] =>
  Array.from({ length: size }, (_, i) => Buffer.from(`entry ${i}`));
const hashesTo = (size: number): Buffer[] => entriesTo(size).map(leafHash);
const grown = (size: number): Frontier => appendLeafHashes(emptyFrontier, hashesTo(size)).frontier;
const state = (frontier: Frontier): string =>
  `${frontier.size}:${encodeFrontier(frontier).toString('hex')}`;

t.test('the published roots of RFC 6962 come out', async (t) => {
  const hashes = vectors.entries.map((entry) => leafHash(Buffer.from(entry, 'hex')));
  for (const [size, root] of Object.entries(vectors.roots)) {
    const { frontier } = appendLeafHashes(emptyFrontier, hashes.slice(0, Number(size)));
    t.equal(rootOf(frontier).toString('hex'), root, `the root of the first ${size}`);
  }
  t.equal(emptyRoot.toString('base64'), '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
});

t.test('an entry and a node of the same bytes have different hashes', async (t) => {
  const [left, right] = [sha256(Buffer.of(1)), sha256(Buffer.of(2))];
  t.notSame(leafHash(Buffer.concat([left, right])), nodeHash(left, right));
});

t.test('the root is that of the definition at every size to 300', async (t) => {
  const entries = entriesTo(300);
  let frontier = emptyFrontier;
  const wrong: number[] = [];
  for (let size = 0; size <= entries.length; size += 1) {
    const expected = referenceRoot(entries.slice(0, size));
    if (frontier.size !== size || !rootOf(frontier).equals(expected)) wrong.push(size);
    frontier = appendLeafHashes(frontier, entries.slice(size, size + 1).map(leafHash)).frontier;
  }
  t.same(wrong, []);
});

t.test('the root is that of the definition around the edges of blocks', async (t) => {
  for (const size of [511, 512, 513, 65_535, 65_537]) {
    t.same(rootOf(grown(size)), referenceRoot(entriesTo(size)), `${size} entries`);
  }
});

t.test('appending in any batches gives one tree, and leaves the old one as it was', async () => {
  const sizes = fc.array(fc.nat({ max: 400 }), { maxLength: 8 });
  fc.assert(
    fc.property(sizes, (batches) => {
      const total = batches.reduce((sum, n) => sum + n, 0);
      const all = hashesTo(total);
      let frontier = emptyFrontier;
      const blocks: string[] = [];
      for (const batch of batches) {
        const before = state(frontier);
        const next = appendLeafHashes(frontier, all.slice(frontier.size, frontier.size + batch));
        if (state(frontier) !== before) return false;
        blocks.push(...next.blocks.map(({ block, root }) => `${block} ${root.toString('hex')}`));
        frontier = next.frontier;
      }
      const entries = entriesTo(total);
      const expected = Array.from({ length: Math.floor(total / 256) }, (_, i) => {
        const root = referenceRoot(entries.slice(i * 256, (i + 1) * 256));
        return `${i} ${root.toString('hex')}`;
      });
      return state(frontier) === state(grown(total)) && `${blocks}` === `${expected}`;
    }),
    { numRuns: 25 },
  );
});

t.test('the tree is rebuilt from block roots and the leaves after them', async (t) => {
  for (const size of [0, 1, 255, 256, 257, 511, 513, 1023, 1024, 2000]) {
    const hashes = hashesTo(size);
    const { frontier, blocks } = appendLeafHashes(emptyFrontier, hashes);
    const roots = blocks.map(({ root }) => root);
    const rebuilt = frontierFromBlocks(roots, hashes.slice(roots.length * 256));
    t.equal(state(rebuilt), state(frontier), `${size} entries`);
  }
});

t.test('a stored frontier comes back, also beyond 32 bits of size', async () => {
  const anySize = fc.oneof(fc.nat({ max: 5000 }), fc.maxSafeNat());
  fc.assert(
    fc.property(anySize, (size) => {
      const ones = size.toString(2).replaceAll('0', '').length;
      const bytes = Buffer.alloc(ones * 32, 7);
      const decoded = decodeFrontier(size, bytes);
      return decoded.hashes.length === ones && encodeFrontier(decoded).equals(bytes);
    }),
  );
});

t.test('refuses a stored frontier that was cut, extended or whose size does not fit', async (t) => {
  const damaged = { code: 'LEDGER_UNAVAILABLE' };
  for (const size of [1, 2, 3, 7, 255, 256, 300]) {
    const bytes = encodeFrontier(grown(size));
    for (let length = 0; length < bytes.length; length += 1) {
      t.throws(() => decodeFrontier(size, bytes.subarray(0, length)), damaged);
    }
    t.throws(() => decodeFrontier(size, Buffer.concat([bytes, Buffer.of(0)])), damaged);
    t.throws(() => decodeFrontier(size, Buffer.concat([bytes, Buffer.alloc(32)])), damaged);
    t.throws(() => decodeFrontier(size * 2 + 1, bytes), damaged);
  }
  for (const size of [-1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
    t.throws(() => decodeFrontier(size, Buffer.alloc(0)), damaged, `size ${size}`);
    t.throws(() => decodeFrontier(size, Buffer.alloc(32)), damaged, `size ${size}`);
  }
});

t.test('a single flipped bit of a stored frontier changes the root', async (t) => {
  const size = 300;
  const bytes = encodeFrontier(grown(size));
  const root = rootOf(grown(size));
  const unnoticed: number[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    if (rootOf(decodeFrontier(size, flipped)).equals(root)) unnoticed.push(bit);
  }
  t.same(unnoticed, []);
});

t.test('refuses hashes that are not 32 bytes and sizes that cannot be', async (t) => {
  t.throws(() => appendLeafHashes(emptyFrontier, [Buffer.alloc(31)]), RangeError);
  t.throws(() => frontierFromBlocks([Buffer.alloc(33)], []), RangeError);
  const lacking = { size: 1, hashes: [] };
  t.throws(() => appendLeafHashes(lacking, hashesTo(1)), RangeError);
  const full = decodeFrontier(Number.MAX_SAFE_INTEGER, Buffer.alloc(53 * 32));
  t.throws(() => appendLeafHashes(full, hashesTo(1)), RangeError);
});
