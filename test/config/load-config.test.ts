/** A configuration is right as a whole or refused with every fault, and no secret is ever shown. */
import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { certificateEnds } from '../../src/config/certificate-ends.ts';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { describeConfig } from '../../src/config/describe-config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { settingDefinitions } from '../../src/config/settings-schema.ts';
import { settingsTable } from '../../src/config/settings-table.ts';
import { createCertificateAuthority } from '../../src/pki/certificate-authority.ts';
import {
  ecKeyPair,
  rsaKeyPair,
  signLeaf,
  testAuthorities,
  testClient,
  testServer,
} from '../support/test-certificates.ts';

const dir = mkdtempSync(join(tmpdir(), 'jetway-config-'));
t.teardown(() => rmSync(dir, { recursive: true }));
const file = (name: string, content: string | Buffer, mode: number) => {
  writeFileSync(join(dir, name), content);
  chmodSync(join(dir, name), mode);
};
file('secret', 'postgres://jetway:a-long-canary-of-more-than-32-bytes@db.example/jetway\n', 0o600);
file('public.pem', 'certificate', 0o644);
file('short', 'canary', 0o600);

const { forServers, forClients } = testAuthorities();
const server = testServer(forServers);
const outbound = testClient(forClients, { keys: ecKeyPair('P-256', 'outbound') });
const oddCurve = signLeaf(forClients, { keys: ecKeyPair('P-521') });
const noteKey = generateKeyPairSync('ed25519').privateKey;
file('server.pem', server.cert, 0o644);
file('server.key', server.key, 0o600);
file('outbound.pem', outbound.cert, 0o644);
file('outbound.key', outbound.key, 0o600);
file('curve.pem', oddCurve.cert, 0o644);
file('curve.key', oddCurve.key, 0o600);
file('client-ca.pem', forClients.certificate.toString(), 0o644);
file('garbled.pem', server.cert.replaceAll(/^MII/gm, 'canary'), 0o644);
file('note.key', noteKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);

const golden = new URL('../golden/config/', import.meta.url);
const environmentOf = (name: string) =>
  parseEnv(readFileSync(new URL(name, golden), 'utf8').replaceAll('$DIR', dir));

function outcomeOf(environment: NodeJS.Dict<string>): unknown {
  try {
    return { config: describeConfig(loadConfig(environment)) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const { setting } of error.faults)
      if (!error.message.includes(setting)) throw new Error('fault not told');
    return { faults: error.faults };
  }
}

for (const name of readdirSync(golden).filter((entry) => entry.endsWith('.env'))) {
  t.test(
    `the configuration ${name} is taken, or refused with all its faults, as expected`,
    async (t) => {
      const outcome = JSON.stringify(outcomeOf(environmentOf(name)), undefined, 2).replaceAll(
        dir,
        '$DIR',
      );
      const expected = new URL(name.replace('.env', '.expected.json'), golden);
      if (process.env['UPDATE_GOLDEN']) writeFileSync(expected, `${outcome}\n`);
      t.same(JSON.parse(outcome), JSON.parse(readFileSync(expected, 'utf8')));
      t.notMatch(outcome, /canary/, 'and shows no value that may be secret');
    },
  );
}

t.test('what is loaded cannot be changed, and holds what the secret files hold', async (t) => {
  const config = loadConfig(environmentOf('least.env'));
  t.ok(
    Object.isFrozen(config) &&
      Object.isFrozen(config.exchange) &&
      Object.isFrozen(config.identity.schemes),
  );
  t.match(config.database.url, /^postgres:\/\/jetway:.*jetway$/);
  t.equal(config.database.ownerUrl, undefined);
  t.same(config.identity.schemes, ['nhs-number']);
});

t.test('a key may be raw bytes or base64 text', async (t) => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7));
  for (const content of [key, key.toString('base64'), `${key.toString('base64')}\n`]) {
    file('mac', content, 0o600);
    const config = loadConfig({
      ...environmentOf('least.env'),
      JETWAY_MAC_KEY_FILE: join(dir, 'mac'),
    });
    t.same(config.macKey, key);
  }
});

t.test('a secret that anybody else may read or write is refused, whoever they are', async (t) => {
  for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610]) {
    file('open', 'postgres://jetway@db.example/jetway', mode);
    const environment = {
      ...environmentOf('least.env'),
      JETWAY_DATABASE_URL_FILE: join(dir, 'open'),
    };
    t.match(
      outcomeOf(environment),
      { faults: [{ setting: 'JETWAY_DATABASE_URL_FILE' }] },
      mode.toString(8),
    );
  }
});

t.test('a secret that anybody else could replace is refused, and links hide none', async (t) => {
  const folders = ['behind', 'linked'].map((name) => join(dir, name));
  for (const folder of folders) mkdirSync(folder);
  const [behind = '', linked = ''] = folders;
  file('behind/url', 'postgres://jetway@db.example/jetway', 0o600);
  symlinkSync(join(behind, 'url'), join(linked, 'url'));
  const problemsOf = (path: string) => {
    const environment = { ...environmentOf('least.env'), JETWAY_DATABASE_URL_FILE: path };
    const outcome = outcomeOf(environment);
    const faults = outcome instanceof Object && 'faults' in outcome ? outcome.faults : [];
    t.match(
      faults,
      Array(Array.isArray(faults) ? faults.length : 0).fill({
        setting: 'JETWAY_DATABASE_URL_FILE',
      }),
    );
    return JSON.stringify(faults);
  };
  for (const mode of ['720', '702', '777', '2770']) {
    const problem = `a folder that others may write to (mode ${mode})`;
    chmodSync(linked, 0o755);
    chmodSync(behind, mode);
    t.match(problemsOf(join(behind, 'url')), `lies in ${problem}`);
    t.match(problemsOf(join(linked, 'url')), `is a link into ${problem}`);
    chmodSync(behind, 0o755);
    chmodSync(linked, mode);
    t.match(problemsOf(join(linked, 'url')), `lies in ${problem}`);
  }
  for (const mode of ['700', '755', '1777', '3775']) {
    for (const folder of folders) chmodSync(folder, mode);
    t.equal(problemsOf(join(linked, 'url')), '[]', `${mode}, as where a secret is mounted`);
  }
});

/** The faults of the least configuration with some other files, for whoever serves at that time. */
function faultsServing(at: Date, files: Readonly<Record<string, string>>): unknown {
  const environment = { ...environmentOf('least.env') };
  for (const [setting, text] of Object.entries(files)) {
    file(`${setting}.pem`, text, 0o600);
    environment[setting] = join(dir, `${setting}.pem`);
  }
  loadConfig(environment);
  try {
    loadConfig(environment, at);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.faults.map(({ setting, problem }) => `${setting} ${problem}`);
  }
}

t.test(
  'nobody serves with a certificate out of its dates; the ledger’s commands go on',
  async (t) => {
    const own = { JETWAY_TLS_CERTIFICATE_FILE: server.cert };
    const { validFromDate, validToDate } = server.certificate;
    const [from, to] = [validFromDate.toISOString(), validToDate.toISOString()];
    const setting = 'JETWAY_TLS_CERTIFICATE_FILE holds a certificate that';
    const before = new Date(validFromDate.getTime() - 1);
    const last = new Date(validToDate.getTime() - 1);
    t.same(faultsServing(before, own), [`${setting} is not valid before ${from}`]);
    t.same(faultsServing(validFromDate, own), []);
    t.same(faultsServing(last, own), []);
    t.same(faultsServing(validToDate, own), [`${setting} ended at ${to}`]);
  },
);

t.test('an authority that is over may stand beside its successor, and not alone', async (t) => {
  const now = new Date();
  const of = (at: string) =>
    createCertificateAuthority({
      ...{ commonName: 'Old', now: new Date(at), privateKey: rsaKeyPair(3072, 'old').privateKey },
    }).certificate;
  const old = of('2010-01-01');
  const ended = `ended at ${old.validToDate.toISOString()}`;
  const authorities = (...pems: unknown[]) =>
    faultsServing(now, { JETWAY_CLIENT_CA_FILE: pems.join('') });
  t.same(authorities(old), [`JETWAY_CLIENT_CA_FILE holds an authority that ${ended}`]);
  t.same(authorities(old, of('2011-01-01')), [
    `JETWAY_CLIENT_CA_FILE holds authorities of which the first ${ended}`,
  ]);
  t.same(authorities(old, forClients.certificate), []);
});

t.test('of each file, the first certificate that has yet to end is the one to watch', async (t) => {
  const old = createCertificateAuthority({
    ...{ commonName: 'Old', now: new Date('2018-01-01') },
    privateKey: rsaKeyPair(3072, 'old').privateKey,
  }).certificate;
  file('two.pem', `${forClients.certificate}${old}`, 0o644);
  const config = loadConfig({
    ...environmentOf('everything.env'),
    JETWAY_CLIENT_CA_FILE: join(dir, 'two.pem'),
  });
  t.same(certificateEnds(config, new Date('2018-06-01')), [
    { certificate: 'server', notAfter: server.certificate.validToDate },
    { certificate: 'client-ca', notAfter: old.validToDate },
    { certificate: 'outbound', notAfter: outbound.certificate.validToDate },
  ]);
  const authority = { certificate: 'client-ca', notAfter: forClients.certificate.validToDate };
  t.same(certificateEnds(config, old.validToDate)[1], authority, 'not one that is over');
  const others = certificateEnds(loadConfig(environmentOf('least.env')), new Date());
  t.same(
    others.map(({ certificate }) => certificate),
    ['server', 'client-ca'],
    'and no other is in use where nothing is pushed',
  );
});

t.test('a chain that TLS will not serve is told by its setting', async (t) => {
  const weak = createCertificateAuthority({
    ...{ commonName: 'Weak', now: new Date(), privateKey: rsaKeyPair(1024).privateKey },
  });
  const leaf = testServer(weak);
  file('weak.pem', `${leaf.cert}${weak.certificate}`, 0o644);
  file('weak.key', leaf.key, 0o600);
  const environment = {
    ...environmentOf('least.env'),
    JETWAY_TLS_CERTIFICATE_FILE: join(dir, 'weak.pem'),
    JETWAY_TLS_KEY_FILE: join(dir, 'weak.key'),
  };
  t.match(outcomeOf(environment), {
    faults: [
      {
        setting: 'JETWAY_TLS_CERTIFICATE_FILE',
        problem: 'cannot be used for TLS (ERR_SSL_CA_KEY_TOO_SMALL)',
      },
    ],
  });
});

t.test('every setting is described, and stands in the table', async (t) => {
  const table = settingsTable();
  for (const [name, definition] of Object.entries(settingDefinitions)) {
    t.ok(definition.description.endsWith('.') && table.includes(`| \`${name}\` |`), name);
  }
  t.equal(table.trimEnd().split('\n').length, Object.keys(settingDefinitions).length + 2);
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  t.ok(readme.includes(table), 'and the README has that table');
});

t.test(
  'whatever the environment holds, the loader names the setting and never quotes it',
  async (t) => {
    const settings = fc.constantFrom(
      ...Object.keys(settingDefinitions),
      'JETWAY_TYPO',
      'NODE_OPTIONS',
    );
    const canaries = fc.string({ maxLength: 40 }).map((text) => `canary${text}`);
    fc.assert(
      fc.property(fc.dictionary(settings, canaries, { minKeys: 1 }), (environment) => {
        t.notMatch(JSON.stringify(outcomeOf(environment)), 'canary');
      }),
      { numRuns: 300 },
    );
  },
);
