/** Signed notes, verifier keys and checkpoints: the published example, openssl, and every mutation. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import {
  formatCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from '../../src/tlog/checkpoint.ts';
import {
  formatSignedNote,
  parseSignedNote,
  signNote,
  verifySignedNote,
} from '../../src/tlog/signed-note.ts';
import { formatVerifierKey, parseVerifierKey, verifierKeyOf } from '../../src/tlog/verifier-key.ts';
import example from '../vectors/signed-note/peter-neumann.json' with { type: 'json' };

const refused = { code: 'LEDGER_UNAVAILABLE' };
const note = `${example.text}\n${example.signature}`;
const peter = parseVerifierKey(example.verifierKey);
const origin = 'gateway.example/audit';
const ours = newKey();
const checkpoint = { origin, size: 70_000, root: Buffer.alloc(32, 9) };

function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

/** An Ed25519 seed as PKCS#8 (RFC 8410 section 7). */
function peterPrivateKey(): KeyObject {
  const seed = Buffer.from(example.signerKey.split('+').slice(4).join('+'), 'base64').subarray(1);
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

t.test('reads, verifies and reproduces the published example', async (t) => {
  t.equal(formatVerifierKey(peter), example.verifierKey);
  t.same(verifySignedNote(parseSignedNote(note), [peter]), [peter]);
  const signatures = [signNote(example.text, 'PeterNeumann', peterPrivateKey())];
  t.equal(formatSignedNote({ text: example.text, signatures }), note);
  t.equal(verifierKeyOf('PeterNeumann', peterPrivateKey()).keyId, 'c74f20a3');
});

t.test('refuses every verifier key with one character changed, added or missing', async (t) => {
  const text = example.verifierKey;
  for (let i = 0; i < text.length; i += 1) {
    const [before, after] = [text.slice(0, i), text.slice(i + 1)];
    t.throws(() => parseVerifierKey(before + after), refused);
    t.throws(() => parseVerifierKey(`${text.slice(0, i)}A${text.slice(i)}`), refused);
    const other = String.fromCharCode(text.charCodeAt(i) + 1);
    t.throws(() => parseVerifierKey(before + other + after), refused);
  }
  for (const bad of [`${text}\n`, ` ${text}`, `${text}=`, '', '++', text.toUpperCase()]) {
    t.throws(() => parseVerifierKey(bad), refused);
  }
});

t.test('refuses every note with one bit flipped, whichever byte it is in', async (t) => {
  const bytes = Buffer.from(note);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const open = () => verifySignedNote(parseSignedNote(flipped.toString('utf8')), [peter]);
    t.throws(open, refused, `bit ${bit}`);
  }
});

t.test('refuses malformed notes', async (t) => {
  const { text, signature } = example;
  const malformed = {
    'no signature': `${text}\n`,
    'no empty line': text + signature,
    'no text': `\n${signature}`,
    'a line that is no signature': `${note}hello\n`,
    'no last newline': note.slice(0, -1),
    'an empty line after the signatures': `${note}\n`,
    'a carriage return': note.replace('\n', '\r\n'),
    'a tab in the text': note.replace(' ', '\t'),
    'a NUL in the text': note.replace(' ', '\0'),
    'a lone surrogate': note.replace(' ', '\ud800'),
    'a hyphen for the dash': note.replace('—', '-'),
    'two spaces': note.replace('— ', '—  '),
    'a plus in the name': note.replace('PeterNeumann', 'Peter+Neumann'),
    'no padding': note.replace('=', ''),
    'non-canonical base64': note.replace('nAM=', 'nAN='),
    base64url: note.replace('/', '_'),
    'a key id alone': `${text}\n— PeterNeumann x08gow==\n`,
    'a hundred and one signatures': `${text}\n${signature.repeat(101)}`,
    'a million characters': `${'a'.repeat(1_000_000)}${note}`,
    nothing: '',
  };
  for (const [what, bad] of Object.entries(malformed)) {
    t.throws(() => parseSignedNote(bad), refused, what);
  }
});

t.test('skips signatures of unknown keys, which is how keys rotate', async (t) => {
  const text = 'one\n\ntwo\n';
  const [older, newer] = [newKey(), newKey()];
  const signatures = [signNote(text, 'log', older), signNote(text, 'log', newer)];
  const future = { name: 'witness', keyId: '0102abcd', value: Buffer.alloc(2420, 1) };
  const parsed = parseSignedNote(formatSignedNote({ text, signatures: [future, ...signatures] }));
  t.equal(parsed.text, text, 'the text may have empty lines');
  const [oldKey, newKeyKnown] = [verifierKeyOf('log', older), verifierKeyOf('log', newer)];
  t.same(verifySignedNote(parsed, [oldKey]), [oldKey]);
  t.same(verifySignedNote(parsed, [newKeyKnown]), [newKeyKnown]);
  t.same(verifySignedNote(parsed, [newKeyKnown, oldKey]), [oldKey, newKeyKnown]);
  t.throws(() => verifySignedNote(parsed, []), refused);
  t.throws(() => verifySignedNote(parsed, [verifierKeyOf('log2', older)]), refused);
  t.throws(() => verifySignedNote(parsed, [verifierKeyOf('log', newKey())]), refused);
});

t.test('refuses the whole note for one wrong signature by a known key', async (t) => {
  const [first, second] = [newKey(), newKey()];
  const good = signNote('text\n', 'first', first);
  const { value } = signNote('other\n', 'second', second);
  const bad = { ...signNote('text\n', 'second', second), value };
  const cut = { ...bad, value: value.subarray(0, 63) };
  const known = [verifierKeyOf('first', first), verifierKeyOf('second', second)];
  for (const wrong of [bad, cut]) {
    const signed = { text: 'text\n', signatures: [good, wrong] };
    t.throws(() => verifySignedNote(signed, known), refused);
    t.same(verifySignedNote(signed, known.slice(0, 1)), known.slice(0, 1));
  }
});

t.test(
  'signs no text that would read back as another, and with no other kind of key',
  async (t) => {
    for (const text of ['', 'no newline', 'tab\t\n', 'lone \ud800\n']) {
      t.throws(() => signNote(text, 'log', ours), TypeError);
    }
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\nb']) {
      t.throws(() => signNote('text\n', name, ours), TypeError);
    }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    t.throws(() => signNote('text\n', 'log', privateKey), TypeError);
  },
);

t.test('any text and any signatures read back as they were written', async () => {
  const line = fc
    .string({ unit: 'grapheme' })
    .filter((s) => !/\p{Cc}/u.test(s) && s.isWellFormed());
  const signature = fc.record({
    name: fc.stringMatching(/^[a-z0-9./-]{1,30}$/),
    keyId: fc.stringMatching(/^[0-9a-f]{8}$/),
    value: fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  });
  const signatures = fc.array(signature, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), signatures, (lines, signatures) => {
      const signed = { text: `${lines.join('\n')}\n`, signatures };
      const written = formatSignedNote(signed);
      const read = parseSignedNote(written);
      return read.text === signed.text && formatSignedNote(read) === written;
    }),
  );
});

t.test('a checkpoint is verified by the key of the log it names, and by no other', async (t) => {
  const signed = signCheckpoint(checkpoint, ours);
  t.same(verifyCheckpoint(signed, [verifierKeyOf(origin, ours)]), checkpoint);
  t.equal(signed, signCheckpoint(checkpoint, ours), 'two nodes sign the same bytes');
  t.throws(() => verifyCheckpoint(signed, [verifierKeyOf(origin, newKey())]), refused);
  const text = formatCheckpoint(checkpoint);
  const byAnother = formatSignedNote({
    text,
    signatures: [signNote(text, 'gateway.example', ours)],
  });
  t.throws(() => verifyCheckpoint(byAnother, [verifierKeyOf('gateway.example', ours)]), refused);
  const edited = signed.replace('70000', '70001');
  t.throws(() => verifyCheckpoint(edited, [verifierKeyOf(origin, ours)]), refused);
});

t.test('a checkpoint has one spelling', async (t) => {
  const root = Buffer.alloc(32, 255).toString('base64');
  t.same(parseCheckpoint(`${origin}\n0\n${root}\n`).size, 0);
  const bad = [
    ...['', '\n\n\n', `${origin}\n5\n${root}`, `${origin}\n5\n${root}\n\n`],
    ...['05', '+5', '-5', '-0', '5.0', '5e0', '0x5', ' 5', '', '9007199254740992', 'NaN'].map(
      (size) => `${origin}\n${size}\n${root}\n`,
    ),
    ...['', `${root}=`, root.slice(0, -1), root.replace('8=', '9='), root.replaceAll('/', '_')].map(
      (encoded) => `${origin}\n5\n${encoded}\n`,
    ),
    ...['', 'a b', 'a+b'].map((name) => `${name}\n5\n${root}\n`),
    `${origin}\n5\n${root}\nextension\n`,
  ];
  for (const body of bad) t.throws(() => parseCheckpoint(body), refused, JSON.stringify(body));
  const size = fc.maxSafeNat();
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(size, bytes, (size, bytes) => {
      const written = formatCheckpoint({ origin, size, root: Buffer.from(bytes) });
      return formatCheckpoint(parseCheckpoint(written)) === written;
    }),
  );
});

t.test('openssl verifies the signature over the text alone', async (t) => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
  } catch {
    t.pass('openssl is not installed here');
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'signed-note-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = (name: string, content: string | Buffer): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  };
  const text = formatCheckpoint(checkpoint);
  const { publicKey } = verifierKeyOf(origin, ours);
  const key = file('key.pem', publicKey.export({ type: 'spki', format: 'pem' }));
  const signature = file('signature', signNote(text, origin, ours).value);
  const verify = ['pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', key, '-sigfile', signature];
  const run = (input: string) =>
    execFileSync('openssl', [...verify, '-in', input], { stdio: 'pipe' });
  t.doesNotThrow(() => run(file('text', text)));
  t.throws(() => run(file('edited', text.replace('7', '8'))));
});
