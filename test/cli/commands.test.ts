/** The operator's commands, typed as an operator types them, on a real database. */
import { createPublicKey } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import t from 'tap';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { agreement } from '../support/builders.ts';
import { operatorAtWork } from '../support/operator-at-work.ts';
import {
  ecKeyPair,
  leafExtensions,
  rsaKeyPair,
  signLeaf,
  testAuthorities,
  testClient,
  testServer,
} from '../support/test-certificates.ts';

const { settings, owner, jetway, typed, file, newestEvent } = await operatorAtWork(t);

function agreementFile(changes: Parameters<typeof agreement>[0]): string {
  return file('agreement.json', JSON.stringify(agreement(changes)));
}

t.test('an operator adds a participant, stops it, and finds all of it in the ledger', async (t) => {
  const { forClients } = testAuthorities();
  const keys = ecKeyPair('P-256', 'users');
  const credential = testClient(forClients, {
    odsCode: 'XRH02',
    keys: ecKeyPair('P-256', 'XRH02'),
  });
  const spki = createPublicKey(keys.privateKey).export({ type: 'spki', format: 'pem' });
  const certificate = file('client.pem', credential.cert);
  const words = 'participant add --ods XRH02 --kind nhs-hospital --system main --kid users-1';
  const rest = ['--name', 'Elm Royal', '--certificate', certificate];
  const key = file('users.pem', spki);

  const entries = async () =>
    (await owner.query<{ size: number }>('select size from ledger_head')).rows[0]?.size ?? 0;
  const before = await entries();
  t.match(await jetway(words, ...rest, '--assertion-key', key), {
    code: 0,
    out: new RegExp(`ledger entry ${before}$`),
  });
  t.equal(await entries(), before + 3, 'participant, certificate and key are an entry each');
  t.match(await newestEvent(), {
    action: 'assertion-key.added',
    organisation: null,
    particulars: { operator: userInfo().username, odsCode: 'XRH02', assertionKey: 'users-1' },
  });
  t.match(await jetway(words, ...rest, '--assertion-key', key), { code: 0, out: /nothing to do/ });

  const listed = JSON.parse((await jetway('participant list --json')).out);
  t.match(
    listed.find(({ odsCode }: { odsCode: string }) => odsCode === 'XRH02'),
    {
      ...{ name: 'Elm Royal', kind: 'nhs-hospital', status: 'active' },
      certificates: [{ fingerprint256: credential.fingerprint256, system: 'main', revoked: false }],
      assertionKeys: [{ kid: 'users-1', algorithm: 'ES256' }],
    },
  );
  const suspend = () => jetway('participant suspend --ods XRH02');
  t.match(await suspend(), { code: 0, out: /done/ });
  t.match(await newestEvent(), {
    action: 'participant.suspended',
    particulars: { odsCode: 'XRH02' },
  });
  t.match(await suspend(), { code: 0, out: /nothing to do/ });
  t.match(await jetway('participant list'), { out: /^XRH02 {2}suspended/m });
  t.match(await jetway('participant restore --ods XRH02'), { code: 0, out: /done/ });
  t.match(await newestEvent(), { action: 'participant.restored' });
  const named = { ...settings.environment, JETWAY_OPERATOR: 'Ana Ng (information governance)' };
  for (const words of ['participant suspend', 'participant restore']) {
    t.match(await typed(named, `${words} --ods XRH02`), { code: 0 });
    t.match(await newestEvent(), { particulars: { operator: named.JETWAY_OPERATOR } });
  }

  const { fingerprint256 } = credential.certificate;
  t.match(await jetway(`certificate revoke --fingerprint ${fingerprint256}`), {
    code: 0,
    out: /done/,
  });
  t.match(await newestEvent(), {
    action: 'certificate.revoked',
    particulars: { odsCode: 'XRH02', certificate: credential.fingerprint256 },
  });
  t.match(await jetway('participant list'), { out: /main {2}revoked/ });
  t.match(await jetway(words, ...rest, '--assertion-key', key), { code: 1, err: /for good/ });
});

t.test('refuses what could never come in, with the reason', async (t) => {
  const { forServers, forClients } = testAuthorities();
  const add = (...more: string[]) =>
    jetway('participant add --ods X81009 --kind nhs-hospital --name Elm', ...more);
  const certificate = (text: string) =>
    add('--system', 'main', '--certificate', file('odd.pem', text));
  const key = (pem: string | Buffer) => add('--kid', 'k', '--assertion-key', file('odd.pem', pem));
  const publicPem = (pair: ReturnType<typeof rsaKeyPair>) =>
    pair.publicKey.export({ type: 'spki', format: 'pem' });

  t.match(await certificate(testServer(forServers).cert), { code: 1, err: /clientAuth/ });
  const old = testClient(forClients, { now: new Date('2020-01-01'), lifeDays: 1 });
  t.match(await certificate(old.cert), { code: 1, err: /expired/ });
  t.match(await certificate('no certificate'), { code: 1, err: /not a certificate/ });
  const another = settings.credentialOf('X81001');
  t.match(await certificate(another.cert), { code: 1, err: /name urn:jetway:party:X81009:main/ });
  const nameless = signLeaf(forClients, { extensions: leafExtensions({ names: [] }) }).cert;
  const words = 'participant add --ods X81001 --kind nhs-health-centre --name Elm --system other';
  t.match(await jetway(words, '--certificate', file('own.pem', nameless)), { code: 0 });
  t.match(await certificate(nameless), { code: 1, err: /belongs to system other of X81001/ });
  t.match(await add('--certificate', '/nowhere', '--system', 'main'), { code: 1, err: /nowhere/ });
  t.match(await add('--certificate', '/nowhere'), { code: 2, err: /--system is needed/ });
  t.match(await add('--kid', 'k'), { code: 2, err: /--assertion-key is needed/ });
  t.match(await key(another.key), { code: 1, err: /private key/ });
  t.match(await key('no key'), { code: 1, err: /not a public key/ });
  t.match(await key(publicPem(ecKeyPair('P-384'))), { code: 1, err: /P-256/ });
  t.match(await key(publicPem(rsaKeyPair(1024))), { code: 1, err: /2048/ });
  t.match(await jetway('participant add --ods x --kind auditor --name A'), { code: 1, err: /ODS/ });
  t.match(await jetway('participant add --ods X81 --kind gp --name A'), { code: 2, err: /--kind/ });
  t.match(await jetway('participant suspend --ods X00'), { code: 1, err: /no such participant/ });
  t.match(await jetway('certificate revoke --fingerprint 12'), { code: 2 });
  t.match(await jetway(`certificate revoke --fingerprint ${'0'.repeat(64)}`), { code: 1 });
  t.notMatch((await jetway('participant list')).out, /X81009/, 'and nothing of it is there');
  t.match(await key(publicPem(rsaKeyPair(2048))), { code: 0 });
  t.match(await key(publicPem(ecKeyPair())), { code: 1, err: /choose a new id/ });
});

t.test('an agreement is shown before it is applied, and applied once', async (t) => {
  const same = agreementFile({});
  t.match(await jetway('agreement apply --file', same), {
    code: 0,
    err: /^agreement borough-care: warning: who asks as receptionist sees more of social-care-summary/,
    out: /nothing to do, version 1/,
  });
  const changed = agreementFile({ breakGlassRoles: [], traceFreshnessDays: 30 });
  const words =
    '  - role gp may break glass\n  - a trace counts for 90 days\n  + a trace counts for 30 days';
  t.equal(
    (await jetway('agreement plan --file', changed)).out,
    `agreement borough-care, version 2:\n${words}`,
  );
  const { code, err } = await jetway('agreement plan --file', changed);
  t.match({ code, err }, { code: 0, err: /warning/ });
  t.notMatch(err, /.{101}/, 'in lines that a terminal shows');
  const required = JSON.stringify(agreement({ userAssertion: 'required' }));
  t.match(await jetway('agreement plan --file', file('required.json', required)), {
    code: 0,
    err: '',
  });
  t.match(await jetway('agreement list'), { out: /^borough-care {2}version 1 {2}in force/ });
  t.match(await jetway('agreement apply --file', changed), {
    code: 0,
    out: /version 2(.|\n)*done/,
  });
  t.match(await newestEvent(), {
    action: 'agreement.applied',
    digest: /^sha-256=:.{44}:$/,
    particulars: { agreement: 'borough-care', version: 2 },
  });
  t.match(await jetway('agreement end --id borough-care'), { code: 0, out: /done/ });
  t.match(await newestEvent(), { action: 'agreement.ended', particulars: { version: 2 } });
  t.match(await jetway('agreement end --id borough-care'), { code: 0, out: /nothing to do/ });
  t.match(await jetway('agreement end --id nowhere'), { code: 1, err: /no such agreement/ });
  const [ended] = JSON.parse((await jetway('agreement list --json')).out);
  t.match(ended, { version: 2, status: 'ended', endedAt: /^\d{4}-.*Z$/ });
  t.match(await jetway('agreement list'), {
    out: new RegExp(`^borough-care {2}version 2 {2}ended {2}at ${ended.endedAt} {2}\\S`),
  });
  t.match(await jetway('agreement apply --file', changed), { code: 0, out: /version 3/ });
});

t.test('refuses an agreement with faults, each with its place', async (t) => {
  const refused = async (changes: Parameters<typeof agreement>[0], err: RegExp) => {
    const path = agreementFile(changes);
    t.match(await jetway('agreement plan --file', path), { code: 1, err });
    t.match(await jetway('agreement apply --file', path), { code: 1, err });
  };
  await refused({ id: 'Upper' }, /\/id: /);
  await refused({ breakGlassRoles: ['nobody'] }, /\/breakGlassRoles\/0: .*covered/);
  const parties = agreement().parties.map((party) =>
    party.odsCode === 'X09SC' ? { ...party, odsCode: 'X09CS' } : party,
  );
  await refused({ parties }, /\/parties\/0\/odsCode: .*register/);
  const over = { from: '2026-01-01T00:00:00Z', until: '2026-02-01T00:00:00Z' };
  await refused({ period: over }, /\/period\/until: .*future/);
  await refused(
    { id: 'another' },
    /the whole document.*borough-care covers: .*X09SC has social-care-summary/,
  );
  t.match(await jetway('agreement plan --file', file('odd.json', '{"id":1,"id":2}')), {
    code: 1,
    err: /odd\.json is not JSON as .*\n {2}\/id: .*twice/,
  });
  const other = file('package.json', '{"name":"jetway"}');
  for (const command of ['plan', 'apply']) {
    const { code, err } = await jetway(`agreement ${command} --file`, other);
    t.equal(code, 1);
    t.match(err, /package\.json is JSON, but no sharing agreement .*\n {2}\/id: must be given/);
    t.notMatch(err, /REQUEST_INVALID/);
  }
  t.match(await jetway('agreement list'), { out: /^borough-care {2}version 3 [^\n]*$/ });
});

t.test('shows the configuration, and all of its faults', async (t) => {
  const shown = JSON.parse((await jetway('config show')).out);
  t.match(shown, { JETWAY_LEDGER_ORIGIN: 'gateway.example/audit', JETWAY_EXCHANGE_PORT: 0 });
  t.notMatch(JSON.stringify(shown), new URL(settings.database.gatewayUrl).password);
  const err: string[] = [];
  const io = { out: () => undefined, err: (line: string) => err.push(line), env: {} };
  t.equal(await dispatch(commands, ['config', 'show'], io), 1);
  t.match(err.join('\n'), /JETWAY_LEDGER_ORIGIN: is not set/);
  t.notMatch(err.join('\n'), /at .*\.ts/, 'no stack');
  const debug = { ...io, env: { JETWAY_LOG_LEVEL: 'debug' } };
  t.equal(await dispatch(commands, ['config', 'show'], debug), 1);
  t.match(err.join('\n'), /at .*\.ts/, 'but where it was asked for');
});

t.test(
  'a certificate that ended keeps the door shut, and no operator from the ledger',
  async (t) => {
    const { forServers } = testAuthorities();
    const { certificate } = testServer(forServers, ecKeyPair(), new Date('2020-01-01'));
    const JETWAY_TLS_CERTIFICATE_FILE = file('ended.pem', certificate.toString());
    const env = { ...settings.environment, JETWAY_TLS_CERTIFICATE_FILE };
    const refusal = {
      code: 1,
      err: /JETWAY_TLS_CERTIFICATE_FILE: .* ended at 2020-03-31T00:00:00/,
    };
    t.match(await typed(env, 'config show'), refusal);
    t.match(await typed(env, 'serve'), refusal);
    t.match(await typed(env, 'participant list'), { code: 0 });
    t.match(await typed(env, 'ledger verify'), { code: 0, out: /the ledger verifies$/ });
  },
);

t.test('migrates with the owner’s URL alone', async (t) => {
  const env = { JETWAY_DATABASE_OWNER_URL_FILE: file('owner-url', settings.database.ownerUrl) };
  const lines: string[] = [];
  const push = (line: string) => lines.push(line);
  t.equal(await dispatch(commands, ['database', 'migrate'], { out: push, err: push, env }), 0);
  t.same(lines, ['nothing to do: the database is up to date']);
  t.equal(await dispatch(commands, ['database', 'migrate'], { out: push, err: push, env: {} }), 1);
  t.match(lines.at(-1), /JETWAY_DATABASE_OWNER_URL_FILE is not set/);
  const nowhere = { JETWAY_DATABASE_OWNER_URL: 'postgres://nobody@127.0.0.1:1/none' };
  t.equal(
    await dispatch(commands, ['database', 'migrate'], { out: push, err: push, env: nowhere }),
    1,
  );
  t.match(lines.at(-1), /ECONNREFUSED/);
});

t.test('verifies the ledger, finds tampering, and recovers from a restore', async (t) => {
  const kept = settings.environment['JETWAY_CHECKPOINT_FILE'] ?? '';
  t.match(await jetway('ledger verify'), { code: 0, out: /entries.*\nthe ledger verifies$/ });
  t.match(await jetway('ledger recover'), { code: 1, err: /nothing is lost/ });
  await owner.query("update ledger_events set outcome = 'failed' where index = 1");
  t.match(await jetway('ledger verify'), { code: 1, err: /log 1, entry 1: the search outcome/ });
  t.match(JSON.parse((await jetway('ledger verify --json')).out), { findings: [{ index: 1 }] });
  await owner.query("update ledger_events set outcome = 'done' where index = 1");

  // a checkpoint of a larger ledger: what the file holds after a restore
  const before = await owner.query<{ note: string }>(
    'select note from ledger_checkpoints order by size',
  );
  const state = ['leaves', 'payloads', 'events', 'blocks', 'checkpoints', 'head', 'logs'];
  for (const table of state)
    await owner.query(`create table saved_${table} as table ledger_${table}`);
  t.match(await jetway('participant suspend --ods X81001'), { code: 0 });
  for (const table of state) {
    await owner.query(
      `delete from ledger_${table}; insert into ledger_${table} select * from saved_${table}`,
    );
  }
  t.not(before.rows.at(-1)?.note, readFileSync(kept, 'utf8'));
  t.match(await jetway('participant restore --ods X81001'), { code: 1, err: /ledger recover/ });
  t.match(await jetway('ledger recover'), { code: 0, out: /gateway\.example\/audit\/2/ });
  t.match(await jetway('participant restore --ods X81001'), { code: 0, out: /ledger entry 1$/ });
  t.match(await jetway('ledger verify'), {
    code: 0,
    out: /log 2 .*2 entries.*\nthe ledger verifies$/,
  });
  rmSync(`${kept}.1.old`);
});
