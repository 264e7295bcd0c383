/** Certificates and keys are judged with the settings that name them, and told by these. */
import { join } from 'node:path';
import t from 'tap';
import { certificateEnds } from '../../src/config/certificate-ends.ts';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createCertificateAuthority } from '../../src/pki/certificate-authority.ts';
import { readPemCertificates } from '../../src/pki/pem-certificates.ts';
import { settingFiles } from '../support/setting-files.ts';
import { rsaKeyPair, testServer } from '../support/test-certificates.ts';

const { dir, file, environmentOf, forClients, server, outbound } = settingFiles(t);

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

t.test(
  'certificates that are put together carelessly are read, or told by their setting',
  async (t) => {
    const authority = forClients.certificate.toString().trim();
    const faultsOf = (text: string) => {
      file('authorities.pem', text, 0o644);
      try {
        loadConfig({
          ...environmentOf('least.env'),
          JETWAY_CLIENT_CA_FILE: join(dir, 'authorities.pem'),
        });
        return readPemCertificates(join(dir, 'authorities.pem'));
      } catch (error) {
        return String(error);
      }
    };
    t.equal(
      faultsOf(`${authority}${authority}`),
      `${authority}\n${authority}\n`,
      'no line feed between',
    );
    t.equal(faultsOf(`note ${authority}`), `${authority}\n`, 'text before it');
    t.match(faultsOf(authority.slice(0, -30)), /CLIENT_CA_FILE.*cannot be read/);
    t.match(faultsOf(`${authority.slice(0, 200)}\n${authority}`), /CLIENT_CA_FILE.*cannot be read/);
    t.match(faultsOf(server.cert), /CLIENT_CA_FILE.*no authority/);
  },
);

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
  const told = /JETWAY_TLS_CERTIFICATE_FILE.*cannot be used for TLS \(ERR_SSL_CA_KEY_TOO_SMALL\)/s;
  t.throws(() => loadConfig(environment), { message: told });
});
