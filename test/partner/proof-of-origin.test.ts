/**
 * The steps of docs/integrating.md by which anybody shows, with openssl alone, who sent a delivery and what was in
 * it: the key of GET /v1/keys as PEM, the signature base from the header fields, the signature over it.
 */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { signingKeyJson } from '../../src/relay/signing-key.ts';
import { delivery } from '../support/open-connection.ts';
import { deliveryKey } from '../support/test-endpoint.ts';

// the first that verifies Ed25519 by itself
const hasOpenssl = /^OpenSSL [3-9]/.test(String(spawnSync('openssl', ['version']).stdout));
const page = readFileSync(
  fileURLToPath(new URL('../../docs/integrating.md', import.meta.url)),
  'utf8',
);
/** The script of the page, as it stands there. */
const script = /```sh proof\n([^`]*)```/.exec(page)?.[1] ?? '';
const url = 'https://records.example/deliveries';

/** Runs the page's script on what a recipient kept; gives what it printed last. */
function verified(t: { testdir(files: Record<string, string>): string }, kept: Kept): string {
  const dir = t.testdir({
    'keys.json': JSON.stringify({ keys: [signingKeyJson(kept.key)] }),
    'fields.txt': kept.fields.map(([name, value]) => `${name}: ${value}\n`).join(''),
    'body.json': kept.body,
  });
  const { stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: dir, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

interface Kept {
  key: typeof deliveryKey.publicKey;
  fields: readonly (readonly [string, string])[];
  body: string;
}

t.test('openssl alone shows who sent a delivery, and that nothing was changed', async (t) => {
  t.match(script, /openssl pkeyutl -verify/, 'the page has the script');
  if (!hasOpenssl) {
    t.notOk(hasOpenssl, 'this machine has no OpenSSL 3: the script was not run');
    return;
  }
  const endpoint = { odsCode: 'X81001', url, anchors: [], recordTypes: undefined };
  const { headers, body } = delivery(endpoint);
  const kept = { key: deliveryKey.publicKey, fields: Object.entries(headers), body: String(body) };
  const good = 'body as signed\nSignature Verified Successfully\n';
  t.equal(verified(t, kept), good);
  const changed = kept.fields.map(([name, value]) =>
    name === 'jetway-kind' ? ([name, 'retraction'] as const) : ([name, value] as const),
  );
  t.match(verified(t, { ...kept, fields: changed }), 'Signature Verification Failure');
  t.notMatch(verified(t, { ...kept, body: '{}' }), 'body as signed');
  const another = generateKeyPairSync('ed25519').publicKey;
  t.match(verified(t, { ...kept, key: another }), 'Signature Verification Failure');
});
