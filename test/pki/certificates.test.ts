/** Issued certificates, the profile that judges presented ones, key files, and PKCS#12. */
import { spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import fc from 'fast-check';
import t from 'tap';
import { parseCertificateFields } from '../../src/pki/certificate-fields.ts';
import { profileFaults } from '../../src/pki/certificate-profile.ts';
import { clientTlsOptions } from '../../src/pki/client-tls-options.ts';
import { ipAddressBytes } from '../../src/pki/ip-address-bytes.ts';
import { KeyFileError, loadKeyFile } from '../../src/pki/key-file.ts';
import { formatPkcs12 } from '../../src/pki/pkcs12.ts';
import { serverTlsOptions } from '../../src/pki/server-tls-options.ts';
import { randomSerial } from '../../src/pki/sign-certificate.ts';
import {
  ecKeyPair,
  rsaKeyPair,
  signLeaf,
  testAuthorities,
  testClient,
  testServer,
} from '../support/test-certificates.ts';
import { misshapenCertificates, untrustedCertificates } from '../support/wrong-certificates.ts';

const authorities = testAuthorities();
const { forClients, forServers } = authorities;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** OpenSSL's own verdict where it is installed; undefined where it is not. */
function opensslVerify(folder: string, authority: X509Certificate, leaf: string, purpose: string) {
  if (!hasOpenssl) return undefined;
  writeFileSync(`${folder}/ca.pem`, authority.toString());
  writeFileSync(`${folder}/leaf.pem`, leaf);
  const flags = ['-x509_strict', '-purpose', purpose, '-CAfile', `${folder}/ca.pem`];
  return spawnSync('openssl', ['verify', ...flags, `${folder}/leaf.pem`]).status;
}

t.test('an issued client certificate stands before others', async (t) => {
  const folder = t.testdir();
  for (const keys of [ecKeyPair(), rsaKeyPair(2048)]) {
    const leaf = testClient(forClients, { keys });
    const { certificate } = leaf;
    t.ok(certificate.verify(forClients.certificate.publicKey), 'the authority signed it');
    t.ok(certificate.checkIssued(forClients.certificate), 'the authority is its issuer');
    t.notOk(certificate.verify(forServers.certificate.publicKey), 'the other authority did not');
    t.equal(certificate.subjectAltName, 'URI:urn:jetway:party:X81001:main');
    t.same(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2'], 'its one purpose is clientAuth');
    t.notOk(certificate.ca);
    t.same(profileFaults(certificate.raw), []);
    const status = opensslVerify(folder, forClients.certificate, leaf.cert, 'sslclient');
    t.ok(status === undefined || status === 0, 'openssl verify agrees, where it is installed');
  }
});

t.test('an issued server certificate is good for loopback and for no client', async (t) => {
  const leaf = testServer(forServers);
  t.ok(leaf.certificate.verify(forServers.certificate.publicKey));
  for (const ip of ['127.0.0.1', '::1']) t.ok(leaf.certificate.checkIP(ip), ip);
  t.ok(leaf.certificate.checkHost('localhost'));
  const status = opensslVerify(t.testdir(), forServers.certificate, leaf.cert, 'sslserver');
  t.ok(status === undefined || status === 0, 'openssl verify agrees, where it is installed');
  const rules = profileFaults(leaf.certificate.raw).map(({ rule }) => rule);
  t.ok(rules.includes('client-authentication'));
});

t.test('an authority lasts ten years and has none below it', async (t) => {
  const { certificate } = forClients;
  t.ok(certificate.ca);
  t.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 3072);
  const years =
    certificate.validToDate.getUTCFullYear() - certificate.validFromDate.getUTCFullYear();
  t.equal(years, 10);
});

t.test('dates beyond 2049 are written so that others read them', async (t) => {
  const far = testClient(forClients, { now: new Date('2049-12-01T00:00:00Z'), lifeDays: 90 });
  t.equal(far.certificate.validFromDate.toISOString(), '2049-11-30T23:55:00.000Z');
  t.equal(far.certificate.validToDate.toISOString(), '2050-03-01T00:00:00.000Z');
});

t.test('serial numbers are positive and long, always', async (t) => {
  const serials = Array.from({ length: 500 }, randomSerial);
  t.ok(serials.every((serial) => serial.length === 17 && serial[0] === 1));
  t.equal(new Set(serials.map((serial) => serial.toString('hex'))).size, 500);
});

t.test('the profile refuses, each by its own rule, a certificate that', async (t) => {
  for (const { wrong, rule, credential } of misshapenCertificates(authorities)) {
    const rules = profileFaults(credential.certificate.raw).map((fault) => fault.rule);
    t.ok(rule !== undefined && rules.includes(rule), `${wrong}: ${rules.join(', ')}`);
  }
  for (const { wrong, credential } of untrustedCertificates(authorities)) {
    t.type(profileFaults(credential.certificate.raw), Array, `${wrong}: judged without a throw`);
  }
});

t.test('the profile refuses curves and kinds of key that the door cannot verify', async (t) => {
  const rulesFor = (keys: ReturnType<typeof ecKeyPair>) =>
    profileFaults(signLeaf(forClients, { keys }).certificate.raw).map(({ rule }) => rule);
  for (const curve of ['P-224', 'secp256k1', 'P-521']) {
    t.same(rulesFor(ecKeyPair(curve)), ['elliptic-curve'], curve);
  }
  t.same(rulesFor(generateKeyPairSync('ed448')), ['key-kind']);
  t.same(rulesFor(generateKeyPairSync('ed25519')), []);
  t.same(rulesFor(ecKeyPair('P-384')), []);
});

t.test('the profile refuses a certificate that was signed by SHA-1', async (t) => {
  const { raw } = testClient(forClients).certificate;
  const [sha256, sha1] = ['2a864886f70d01010b', '2a864886f70d010105'];
  t.ok(raw.toString('hex').includes(sha256));
  const weaker = Buffer.from(raw.toString('hex').replaceAll(sha256, sha1), 'hex');
  t.same(
    profileFaults(weaker).map(({ rule }) => rule),
    ['signature-strength'],
  );
});

t.test('the profile never throws, whatever bytes it is given', async (t) => {
  const good = testClient(forClients).certificate.raw;
  t.same(
    profileFaults(Buffer.alloc(0)).map(({ rule }) => rule),
    ['readable'],
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      return profileFaults(Buffer.from(bytes)).length > 0;
    }),
  );
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const mutated = Buffer.from(good);
      mutated[at] = (mutated[at] ?? 0) ^ flip;
      return Array.isArray(profileFaults(mutated));
    }),
  );
  t.throws(() => parseCertificateFields(Buffer.concat([good, Buffer.from([0])])), 'trailing bytes');
});

t.test('IP addresses become the octets that certificates hold', async (t) => {
  t.equal(ipAddressBytes('127.0.0.1').toString('hex'), '7f000001');
  t.equal(ipAddressBytes('::1').toString('hex'), `${'00'.repeat(15)}01`);
  t.equal(ipAddressBytes('2001:db8::7').toString('hex'), `20010db8${'00'.repeat(11)}07`);
  t.equal(ipAddressBytes('::').length, 16);
  for (const text of ['localhost', '::ffff:1.2.3.4', 'fe80::1%eth0', '']) {
    t.throws(() => ipAddressBytes(text), text);
  }
  fc.assert(fc.property(fc.ipV4(), (text) => [...ipAddressBytes(text)].join('.') === text));
});

t.test('a PKCS#12 file gives back the key and the certificate', async (t) => {
  const { publicKey, privateKey } = rsaKeyPair(2048);
  const leaf = testClient(forClients, { keys: { publicKey, privateKey } });
  const file = formatPkcs12({
    privateKey,
    certificate: leaf.certificate,
    chain: [forClients.certificate],
    password: 'correct horse',
    friendlyName: 'X81001 main',
  });
  t.doesNotThrow(() => createSecureContext({ pfx: file, passphrase: 'correct horse' }));
  t.throws(() => createSecureContext({ pfx: file, passphrase: 'wrong' }));
  if (hasOpenssl) {
    const path = t.testdir({ 'leaf.p12': '' });
    writeFileSync(`${path}/leaf.p12`, file);
    const args = ['pkcs12', '-in', `${path}/leaf.p12`, '-passin', 'pass:correct horse', '-nodes'];
    const text = spawnSync('openssl', args).stdout.toString();
    const inside = new X509Certificate(text.slice(text.indexOf('-----BEGIN CERT')));
    t.ok(inside.raw.equals(leaf.certificate.raw), 'openssl finds the same certificate');
    t.ok(inside.checkPrivateKey(createPrivateKey(text)), 'and its key');
  }
  const ec = ecKeyPair();
  t.throws(
    () =>
      formatPkcs12({
        ...leaf,
        privateKey: ec.privateKey,
        chain: [],
        password: 'x',
        friendlyName: 'x',
      }),
    'an EC key, which it would corrupt, is refused',
  );
});

t.test(
  'a private key is loaded only from a file that others can neither read nor replace',
  async (t) => {
    const folder = t.testdir({ 'a.key': testClient(forClients).key, 'b.key': 'no key' });
    chmodSync(folder, 0o755);
    chmodSync(`${folder}/a.key`, 0o600);
    chmodSync(`${folder}/b.key`, 0o600);
    t.equal(loadKeyFile(`${folder}/a.key`).key.asymmetricKeyType, 'ec');
    t.throws(() => loadKeyFile(`${folder}/b.key`), KeyFileError, 'no key inside');
    t.throws(() => loadKeyFile(`${folder}/c.key`), KeyFileError, 'no such file');
    t.throws(() => loadKeyFile(folder), KeyFileError, 'a folder');
    if (process.platform !== 'win32') {
      for (const mode of [0o640, 0o604, 0o620]) {
        chmodSync(`${folder}/a.key`, mode);
        t.throws(() => loadKeyFile(`${folder}/a.key`), KeyFileError, mode.toString(8));
      }
      chmodSync(`${folder}/a.key`, 0o600);
      for (const mode of [0o775, 0o757]) {
        chmodSync(folder, mode);
        const message = new RegExp(`mode ${mode.toString(8)}.*chmod go-w ${folder}`);
        t.throws(() => loadKeyFile(`${folder}/a.key`), { name: 'KeyFileError', message });
      }
      chmodSync(folder, 0o1777);
      t.equal(
        loadKeyFile(`${folder}/a.key`).key.type,
        'private',
        'but where each has only its own',
      );
    }
  },
);

t.test('trust never falls back on the authorities that the system ships', async (t) => {
  const { cert, key } = testClient(forClients);
  const material = { mode: 'modern', certificate: cert, privateKey: key } as const;
  t.throws(() => clientTlsOptions({ ...material, host: 'localhost', authorities: [] }));
  t.throws(() => serverTlsOptions({ ...material, clientAuthorities: [] }));
  t.equal(serverTlsOptions(material).requestCert, false, 'enrolment asks for no certificate');
  t.equal(serverTlsOptions(material).minVersion, 'TLSv1.3');
  t.doesNotThrow(() =>
    createSecureContext(serverTlsOptions({ ...material, mode: 'intermediate' })),
  );
});
