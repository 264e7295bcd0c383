/** What an operator may change of a participant, registrations that wait, and verifying without a secret. */
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import t from 'tap';
import { insertRegistrationConflict } from '../../src/clients/person-store.ts';
import { createCertificateAuthority } from '../../src/pki/certificate-authority.ts';
import { loadKeyFile } from '../../src/pki/key-file.ts';
import { formatVerifierKey, verifierKeyOf } from '../../src/tlog/verifier-key.ts';
import { operatorAtWork } from '../support/operator-at-work.ts';
import { rsaKeyPair, testAuthorities, testClient } from '../support/test-certificates.ts';

const { settings, owner, checkpointFile, jetway, typed, file, newestEvent } =
  await operatorAtWork(t);
const add = 'participant add --ods X81001 --kind nhs-health-centre --name';

t.test('a participant may be renamed, and its kind never changes', async (t) => {
  t.match(await jetway(add, 'Elm Surgery'), { code: 0, out: /done/ });
  t.match(await newestEvent(), {
    action: 'participant.changed',
    particulars: { odsCode: 'X81001', name: 'Elm Surgery', before: 'Organisation X81001' },
  });
  t.match(await jetway(add, 'Elm Surgery'), { code: 0, out: /nothing to do/ });
  const before = await newestEvent();
  t.match(await jetway('participant add --ods X81001 --kind auditor --name Elm'), {
    code: 1,
    err: /X81001 is in the register as nhs-health-centre, and .* never changes/,
  });
  t.same(await newestEvent(), before, 'and nothing is written');
  t.match(await jetway('participant list'), {
    out: /^X81001 {2}active {2}nhs-health-centre {2}Elm Surgery$/m,
  });
});

const addCertificate = (...certificates: string[]) =>
  jetway(
    `participant add --ods X81001 --kind nhs-health-centre --system second --certificate ${file('second.pem', certificates.join('\n'))} --name`,
    'Elm Surgery',
  );

t.test('refuses a certificate that names somebody else, or that nobody here issued', async (t) => {
  const { forServers, forClients } = testAuthorities();
  const before = await newestEvent();
  const otherSystem = testClient(forClients, { odsCode: 'X81001', system: 'main' });
  const otherParty = testClient(forClients, { odsCode: 'X81002', system: 'second' });
  for (const { cert } of [otherSystem, otherParty]) {
    t.match(await addCertificate(cert), {
      code: 1,
      err: /names another .* urn:jetway:party:X81001:second$/,
    });
  }
  const stranger = testClient(forServers, { system: 'second' });
  const impostor = createCertificateAuthority({
    ...{ commonName: 'Test authority for clients', now: new Date() },
    privateKey: rsaKeyPair(3072, 'impostor').privateKey,
  });
  const forged = testClient(impostor, { system: 'second' });
  const authority = impostor.certificate.toString();
  for (const pem of [[stranger.cert], [forged.cert], [forged.cert, authority]]) {
    t.match(await addCertificate(...pem), { code: 1, err: /not issued by.*JETWAY_CLIENT_CA_FILE/ });
  }
  t.same(await newestEvent(), before, 'and nothing is written');
});

t.test('another certificate is an entry of its own kind', async (t) => {
  const { cert } = testClient(testAuthorities().forClients, { system: 'second' });
  t.match(await addCertificate(cert), { code: 0 });
  t.match(await newestEvent(), {
    action: 'certificate.added',
    particulars: { odsCode: 'X81001', system: 'second' },
  });
});

t.test('a registration that waits is shown without the person, and closed for good', async (t) => {
  const id = '0193a0de-0000-4000-8000-00000000000a';
  const at = new Date('2026-11-20T09:00:00Z');
  await insertRegistrationConflict(owner, {
    ...{ id, organisation: 'X09SC', at, personIds: ['0193a0de-0000-4000-8000-00000000000b'] },
    request: { familyName: 'Canary' },
  });
  const listed = await jetway('registration list');
  t.match(listed, { code: 0, out: `${id}  2026-11-20T09:00:00.000Z  X09SC  people 1` });
  const json = await jetway('registration list --json');
  t.match(JSON.parse(json.out), [{ id, organisation: 'X09SC', personIds: [/b$/] }]);
  t.notMatch(listed.out + json.out, /Canary/);

  const resolve = (which: string, note: string) =>
    jetway(`registration resolve --id ${which} --note`, note);
  t.match(await resolve('12', 'x'), { code: 2, err: /UUID/ });
  t.match(await resolve(id, 'two\nlines'), { code: 1, err: /printable/ });
  t.match(await resolve(id.replace('a0de', 'a0df'), 'x'), { code: 1, err: /no such/ });
  t.match(await resolve(id, 'typing mistake of the council'), { code: 0, out: /done/ });
  t.match(await newestEvent(), {
    action: 'registration.resolved',
    person: null,
    particulars: { conflict: id, organisation: 'X09SC', note: 'typing mistake of the council' },
  });
  const { rows } = await owner.query<{ request: unknown; resolved_at: Date | null }>(
    'select request, resolved_at from registration_conflicts',
  );
  t.match(rows, [{ request: null, resolved_at: Date }], 'what was sent is destroyed');
  t.match(await resolve(id, 'again'), { code: 0, out: /nothing to do/ });
  t.same(JSON.parse((await jetway('registration list --json')).out), []);
});

t.test('an auditor verifies with public keys and a database alone', async (t) => {
  const origin = settings.environment['JETWAY_LEDGER_ORIGIN'] ?? '';
  const { key } = loadKeyFile(settings.environment['JETWAY_LEDGER_KEY_FILE'] ?? '');
  const ours = formatVerifierKey(verifierKeyOf(origin, key));
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const theirs = formatVerifierKey(verifierKeyOf(origin, stranger));
  const env = { JETWAY_DATABASE_URL_FILE: settings.environment['JETWAY_DATABASE_URL_FILE'] ?? '' };
  const verify = (...more: string[]) => typed(env, 'ledger verify', ...more);
  const kept = file('kept', readFileSync(checkpointFile));

  t.match(await verify(), { code: 3, err: /JETWAY_LEDGER_KEY_FILE/ }, 'not without either');
  t.match(await verify('--verifier-key', ours, '--checkpoint', kept), {
    code: 0,
    out: /the ledger verifies$/,
    err: '',
  });
  t.match(await verify('--verifier-key', ours), {
    code: 0,
    err: /no checkpoint from outside the database/,
  });
  const rotated = ['--verifier-key', theirs, '--verifier-key', ours, '--checkpoint', kept];
  t.match(await verify(...rotated), { code: 0 }, 'any of several keys may have signed');
  t.match(JSON.parse((await verify(...rotated, '--json')).out), { isWitnessed: true });
  t.match(await verify('--verifier-key', theirs), { code: 1, err: /does not verify/ });
  const elsewhere = formatVerifierKey(verifierKeyOf('elsewhere.example/log', key));
  t.match(await verify('--verifier-key', ours, '--verifier-key', elsewhere), {
    code: 2,
    err: /same origin/,
  });
  t.match(await verify('--verifier-key', 'x'), { code: 2, err: /origin\+id\+base64/ });
  t.match(await verify('--checkpoint', kept), { code: 2, err: /needs --verifier-key/ });
  t.match(await verify('--verifier-key', ours, '--checkpoint', `${kept}.not`), {
    code: 3,
    err: /cannot be read/,
  });
  t.match(await typed({}, 'ledger verify --verifier-key', ours), {
    code: 3,
    err: /JETWAY_DATABASE_URL_FILE is not set/,
  });
  const nowhere = { JETWAY_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  t.match(
    await typed(nowhere, 'ledger verify --verifier-key', ours),
    { code: 3, err: /ECONNREFUSED/ },
    'what could not be verified is not what does not verify',
  );

  t.test('also of a log that a recovery opened', async (t) => {
    const parts = ['leaves', 'payloads', 'events', 'blocks', 'checkpoints', 'head', 'logs'];
    const state = [...parts.map((part) => `ledger_${part}`), 'participants'];
    for (const table of state) await owner.query(`create table saved_${table} as table ${table}`);
    t.match(await jetway(add, 'Elm Practice'), { code: 0 });
    copyFileSync(checkpointFile, kept);
    // what else there is of participants hangs on them
    await owner.query('set session_replication_role = replica');
    for (const table of state) {
      await owner.query(`delete from ${table}; insert into ${table} select * from saved_${table}`);
    }
    t.match(await verify('--verifier-key', ours, '--checkpoint', kept), { code: 1 });
    t.match(await jetway('ledger recover'), { code: 0 });
    copyFileSync(checkpointFile, kept);
    t.match(await verify('--verifier-key', ours, '--checkpoint', kept), {
      code: 0,
      out: /log 2 .*\nthe ledger verifies$/,
    });
    rmSync(`${checkpointFile}.1.old`);
  });
});
