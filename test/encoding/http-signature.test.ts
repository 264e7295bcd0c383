/** HTTP message signatures: the RFC's own example, openssl, and every change that must be found. */
import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { formatContentDigest } from '../../src/encoding/content-digest.ts';
import {
  SignatureError,
  signatureBase,
  signRequest,
  type VerifyRequest,
  verifyRequest,
} from '../../src/encoding/http-signature.ts';
import {
  formatByteSequence,
  formatInnerList,
  parseByteSequences,
  parseInnerLists,
} from '../../src/encoding/structured-fields.ts';
import example from '../vectors/http-signature/rfc9421-b-2-6.json' with { type: 'json' };

const keys = generateKeyPairSync('ed25519');
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const created = 1_800_000_000;
const covered = ['@method', '@target-uri', 'content-type', 'content-digest', 'jetway-delivery'];
const body = Buffer.from('{"sections":{}}');

function signed(changes: Partial<VerifyRequest> = {}): VerifyRequest {
  const message = {
    method: 'POST',
    targetUri: 'https://records.example.org:8443/deliveries',
    headers: {
      'content-type': 'application/json',
      'content-digest': formatContentDigest(body),
      'jetway-delivery': 'a8b2',
    },
  };
  const fields = signRequest({
    ...message,
    ...{ covered, created, expires: created + 5, keyId: 'gateway-1' },
    ...{ privateKey: keys.privateKey, tag: 'jetway-delivery', label: 'jetway' },
  });
  return {
    ...message,
    headers: { ...message.headers, ...fields },
    body,
    publicKey: keys.publicKey,
    tag: 'jetway-delivery',
    needed: covered,
    now: new Date(created * 1000),
    toleranceSeconds: 2,
    ...changes,
  };
}

t.test('reproduces and verifies the example of RFC 9421', async (t) => {
  const list = parseInnerLists(example.headers['signature-input']).get('sig-b26');
  t.ok(list);
  if (!list) return;
  const base = signatureBase(example, list);
  t.equal(base, example.base);
  const signature = sign(null, Buffer.from(base), createPrivateKey(example.privateKey));
  t.equal(`sig-b26=${formatByteSequence(signature)}`, example.headers.signature);
  const verified = verifyRequest({
    ...example,
    body: Buffer.from(example.body),
    publicKey: createPublicKey(example.publicKey),
    tag: undefined,
    needed: ['@method', '@path', 'content-type'],
    now: new Date(example.created * 1000),
    toleranceSeconds: 0,
  });
  t.match(verified, { keyId: 'test-key-ed25519', base: example.base });
});

t.test('openssl verifies what was signed, where it is installed', async (t) => {
  const { base, signature } = verifyRequest(signed());
  if (!hasOpenssl) return;
  const folder = t.testdir({
    base,
    'public.pem': keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });
  const verdict = () =>
    spawnSync('openssl', [
      ...['pkeyutl', '-verify', '-pubin', '-inkey', `${folder}/public.pem`, '-rawin'],
      ...['-in', `${folder}/base`, '-sigfile', `${folder}/signature`],
    ]).status;
  writeFileSync(`${folder}/signature`, signature);
  t.equal(verdict(), 0);
  writeFileSync(`${folder}/base`, `${base} `);
  t.not(verdict(), 0, 'and nothing else');
});

t.test('a recipient finds every change to what was signed', async (t) => {
  const good = signed();
  t.same(verifyRequest(good).covered, covered);
  t.equal(verifyRequest(good).keyId, 'gateway-1');
  const refuses = (changes: Partial<VerifyRequest>) => {
    t.throws(() => verifyRequest({ ...good, ...changes }), SignatureError, JSON.stringify(changes));
  };
  const withHeader = (name: string, value: string | undefined) => ({
    headers: { ...good.headers, [name]: value },
  });
  refuses({ method: 'PUT' });
  refuses({ targetUri: 'https://records.example.org/deliveries' });
  refuses({ body: Buffer.from('{"sections":{} }') });
  refuses({ publicKey: generateKeyPairSync('ed25519').publicKey });
  for (const name of Object.keys(good.headers)) {
    const value = good.headers[name] ?? '';
    refuses(withHeader(name, undefined));
    fc.assert(
      fc.property(fc.nat(value.length - 1), fc.integer({ min: 33, max: 126 }), (at, unit) => {
        const changed = value.slice(0, at) + String.fromCharCode(unit) + value.slice(at + 1);
        if (changed === value) return true;
        try {
          // the one signature is found by what it is for, whatever both fields call it
          const { base, signature } = verifyRequest({ ...good, ...withHeader(name, changed) });
          return base === verifyRequest(good).base && signature.length === 64;
        } catch (error) {
          return error instanceof SignatureError;
        }
      }),
    );
  }
});

t.test('a signature says by a code what is wrong with it', async (t) => {
  const good = signed();
  const fault = (changes: Partial<VerifyRequest>) => {
    try {
      verifyRequest({ ...good, ...changes });
    } catch (error) {
      if (error instanceof SignatureError) return error.code;
    }
    return 'none';
  };
  const at = (seconds: number) => ({ now: new Date((created + seconds) * 1000) });
  const input = good.headers['signature-input'] ?? '';
  const fields = (changes: object) => ({ headers: { ...good.headers, ...changes } });
  t.equal(fault({}), 'none');
  t.equal(fault(at(-3)), 'SIGNATURE_NOT_YET_VALID');
  t.equal(fault(at(-2)), 'none', 'clocks may differ a little');
  t.equal(fault(at(6.9)), 'none');
  t.equal(fault(at(7)), 'SIGNATURE_EXPIRED');
  t.equal(fault({ needed: [...covered, 'ledger-index'] }), 'SIGNATURE_INCOMPLETE');
  t.equal(fault({ tag: 'another' }), 'SIGNATURE_MISSING');
  t.equal(fault(fields({ signature: undefined })), 'SIGNATURE_MISSING');
  t.equal(fault(fields({ signature: 'other=:AAAA:' })), 'SIGNATURE_MISSING');
  t.equal(fault(fields({ signature: 'jetway=:AAA:' })), 'SIGNATURE_MALFORMED');
  t.equal(fault(fields({ signature: 'jetway=:AAAA:' })), 'SIGNATURE_WRONG');
  t.equal(fault({ body: Buffer.from('x') }), 'DIGEST_WRONG');
  const twice = `${input}, second${input.slice('jetway'.length)}`;
  t.equal(fault(fields({ 'signature-input': twice })), 'SIGNATURE_MALFORMED', 'which one counts?');
  const otherwise = input.replace('"ed25519"', '"rsa-v1_5-sha256"');
  t.equal(fault(fields({ 'signature-input': otherwise })), 'SIGNATURE_MALFORMED');
  const timeless = input.replace(`created=${created}`, 'created="now"');
  t.equal(fault(fields({ 'signature-input': timeless })), 'SIGNATURE_MALFORMED');
});

t.test('nothing that would forge a line of the base is signed', async (t) => {
  const base = (headers: Record<string, string>, ...items: string[]) =>
    signatureBase(
      { method: 'POST', targetUri: 'https://a.example/', headers },
      { items, parameters: [] },
    );
  t.throws(() => base({ 'x-a': 'one\n"@method": GET' }, 'x-a'), RangeError);
  t.throws(() => base({ 'x-a': 'ü' }, 'x-a'), RangeError);
  t.throws(() => base({ 'x-a': 'one' }, 'x-a', 'x-a'), RangeError, 'covered twice');
  t.throws(() => base({}, 'x-a'), RangeError, 'not there');
  t.throws(() => base({}, '@status'), RangeError, 'not of requests');
  t.throws(() => base({ 'X-A': 'one' }, 'X-A'), RangeError, 'names are lower case');
});

t.test('structured fields have one spelling and no other form', async (t) => {
  const token = fc.stringMatching(/^[a-z*][a-z0-9_.*-]{0,8}$/);
  const printable = fc.stringMatching(/^[ -~]{0,12}$/);
  const value = fc.oneof(printable, fc.integer({ min: -1e15 + 1, max: 1e15 - 1 }));
  const parameters = fc.uniqueArray(fc.tuple(token, value), { selector: ([name]) => name });
  fc.assert(
    fc.property(token, fc.array(printable), parameters, (label, items, parameters) => {
      const read = parseInnerLists(`${label}=${formatInnerList({ items, parameters })}`).get(label);
      t.strictSame(read, { items, parameters });
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const read = parseByteSequences(`s=${formatByteSequence(Buffer.from(bytes))}`).get('s');
      return read?.equals(bytes) ?? false;
    }),
  );
  t.same([...parseByteSequences('a=:AA==:, b=:AAAA:').keys()], ['a', 'b']);
  for (const odd of [
    ...['', 'a', 'a=', 'a=()x', 'a=() ', 'a=(),', ',a=()', 'a=(),,b=()', 'a=(), a=()', 'A=()'],
    ...['a=("x"  "y")', 'a=( "x")', 'a=("x";p=1)', 'a=(x)', 'a=();p', 'a=();p=1;p=2', 'a=();p=1.5'],
    ...['a=("\\x")', 'a=("\u00fc")', 'a=();p=1234567890123456', 'a=() b=()'],
  ]) {
    t.throws(() => parseInnerLists(odd), RangeError, odd);
  }
  for (const odd of ['', 'a=AA==', 'a=:AA:', 'a=:AB==:', 'a=:AA==', 'a=:A A=:', 'a=:AA==:,']) {
    t.throws(() => parseByteSequences(odd), RangeError, odd);
  }
  t.throws(() => formatInnerList({ items: ['\n'], parameters: [] }), RangeError);
  t.throws(() => formatInnerList({ items: [], parameters: [['p', 1.5]] }), RangeError);
});
