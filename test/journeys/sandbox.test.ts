/** The first five minutes, as somebody has them who has just cloned the project, and their second start. */
import { spawn } from 'node:child_process';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { systemClock } from '../../src/clock.ts';
import { removeCluster } from '../../src/database/embedded/cluster-places.ts';
import { listOf, memberOf, textOf } from '../../src/partner/reply-members.ts';
import { curlLines } from '../../src/sandbox/curl-lines.ts';
import { tracePerson } from '../../src/sandbox/load-borough.ts';
import { play } from '../../src/sandbox/play.ts';
import type { SandboxManifest } from '../../src/sandbox/sandbox-manifest.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/start-sandbox.ts';
import type { Scenario } from '../../src/sandbox/synthetic-people.ts';
import { personSection } from '../support/builders.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const receipt = fileURLToPath(
  new URL(
    '../../schemas/discharge-notification/examples/valid/receipt-accepted.json',
    import.meta.url,
  ),
);
const dir = t.testdir();
t.teardown(() => removeCluster(join(dir, 'database')));
const environment = {
  PATH: process.env['PATH'],
  JETWAY_SANDBOX_DIR: dir,
  JETWAY_EXCHANGE_PORT: '0',
  JETWAY_OPERATIONS_PORT: '0',
};

async function run(changes: Readonly<Record<string, string>> = {}, ...options: string[]) {
  const child = spawn(process.execPath, [main, 'sandbox', ...options], {
    env: { ...environment, ...changes },
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  }
  const [code] = await once(child, 'close');
  return { code, said: said.join('') };
}

const manifest = (): SandboxManifest => JSON.parse(readFileSync(join(dir, 'sandbox.json'), 'utf8'));
const certificates = () =>
  manifest().participants.map(({ cert }) => readFileSync(join(dir, cert), 'utf8'));

t.test('one command starts everything, plays the first exchange and ends', async (t) => {
  const { code, said } = await run({}, '--once');
  t.equal(code, 0, said);
  for (const seen of [
    'pulls the summary for treatment',
    '403 CONSENT_WITHDRAWN',
    '403 CONSENT_SCOPE_MISMATCH',
    '404 RESOURCE_NOT_FOUND',
    '401 CERTIFICATE_UNTRUSTED',
    'XRH01     is pushed its copy',
    'digest and signature verified',
    'reads its copy in its inbox, acknowledges it',
    'accepted, there known as SC-88',
    /accepted \d+, delivered \d+, answered \d+/,
    'waiting after ENDPOINT_BUSY',
    'not delivered: REFUSED, CONSENT_WITHDRAWN',
    ...['message.sent', 'message.answered', 'delivery.authorised', 'delivery.settled'],
    ...['inbox.read', 'inbox.acknowledged', 'door.refused'],
    'All as expected.',
  ]) {
    t.ok(typeof seen === 'string' ? said.includes(seen) : seen.test(said), String(seen));
  }
  t.notMatch(said, /curl/, 'there is nothing left to ask');
});

t.test('the manifest tells scripts who takes part, with which files', async (t) => {
  const { exchange, enrolment, operations, participants, people, ...rest } = manifest();
  const { ca, clientCa, endpoint, logVerifierKey, signingKey, endpoints } = rest;
  t.match(
    { exchange, operations },
    { exchange: /^https:\/\/localhost:\d+$/, operations: /^http:/ },
  );
  t.equal(enrolment, null);
  t.match(logVerifierKey, /^[^+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/);
  const authority = (file: string) => new X509Certificate(readFileSync(join(dir, file)));
  const ours = authority(endpoint.cert);
  t.ok(ours.checkHost('localhost'));
  t.ok(ours.checkIssued(authority(ca)), 'anybody here trusts an endpoint of one’s own');
  const shown = authority('certs/gateway.pem');
  t.ok(shown.checkIssued(authority(clientCa)), 'and it can tell the gateway');
  const key = createPublicKey(readFileSync(join(dir, signingKey)));
  t.equal(key.asymmetricKeyType, 'ed25519');
  t.strictSame(endpoints.map(({ odsCode }) => odsCode).sort(), ['X09SC', 'XRH01']);
  t.strictSame(participants.map(({ odsCode }) => odsCode).sort(), [
    ...['X09AU', 'X09HB', 'X09SC', 'X81001', 'X81002', 'X81003', 'XRH01'],
  ]);
  for (const secret of [endpoint.key, endpoint.p12]) {
    t.equal(statSync(join(dir, secret)).mode & 0o777, 0o600, secret);
  }
  for (const { cert, key, p12, assertionKey } of participants) {
    t.ok(existsSync(join(dir, cert)));
    for (const secret of [key, p12, assertionKey]) {
      t.equal(statSync(join(dir, secret)).mode & 0o777, 0o600, secret);
    }
  }
  t.equal(people.length, 200);
  t.ok(people.filter(({ scenario }) => scenario === 'consented').length >= 5);
  t.strictSame(Object.keys(people[0] ?? {}), ['nhsNumber', 'birthDate', 'familyName', 'scenario']);
});

t.test('a second start finds everybody as their scenario says', async (t) => {
  const before = certificates();
  const undo: (() => unknown)[] = [];
  t.teardown(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  const options = { environment, clock: systemClock, onStage: () => undefined };
  const sandbox = await startSandbox(options, undo);
  t.strictSame(certificates(), before, 'the certificates are the same');

  const [person] = sandbox.people;
  if (!person) throw new Error('there is nobody');
  const { certificates: files, gateway } = sandbox;
  const setting = {
    certificates: files,
    exchangeUrl: gateway.exchangeUrl,
    person,
    client: 'c_abc',
  };
  const curl = new RegExp(`^curl .*--cacert .* ${gateway.exchangeUrl}/v1/clients/c_abc/`, 'm');
  t.match(curlLines(setting).join('\n'), curl);

  const summary = 'social-care-summary';
  t.match(await pull(sandbox, 'X81001', 'consented', summary), { status: 200, code: '' });
  const centreWithout = await pull(sandbox, 'X81003', 'consented', summary);
  t.match(centreWithout, { status: 403, code: 'CONSENT_SCOPE_MISMATCH' });
  const unasked = await pull(sandbox, 'X81001', 'no-consent', summary);
  t.match(unasked, { status: 403, code: 'NO_CONSENT_ON_FILE' });
  const withdrawn = await pull(sandbox, 'X81001', 'withdrawn', summary);
  t.match(withdrawn, { status: 403, code: 'CONSENT_WITHDRAWN' });
  t.match(await pull(sandbox, 'X81001', 'attested-pending', summary), { status: 200 });
  const dead = await pull(sandbox, 'X81001', 'deceased', summary);
  t.match(dead, { status: 403, code: 'PERSON_DECEASED' });

  const narrowed = await pull(sandbox, 'X81001', 'section-withheld', summary);
  t.equal(narrowed.status, 200);
  t.equal(memberOf(narrowed.body, 'sections', 'aboutMe'), undefined);
  t.match(listOf(narrowed.body, 'withheld'), [{ section: 'aboutMe', reason: 'CONSENT_DENY' }]);
  const hidden = await pull(sandbox, 'XRH01', 'restricted', summary);
  t.equal(hidden.status, 200);
  t.equal(memberOf(hidden.body, 'sections', 'person', 'address'), undefined);

  t.match(await pull(sandbox, 'X09SC', 'consented', 'health-summary'), { status: 200, code: '' });
  t.match(await pull(sandbox, 'X81002', 'consented', 'health-summary'), { status: 200, code: '' });
  const untold = await pull(sandbox, 'X81003', 'consented', 'health-summary');
  t.match(untold, { status: 403, code: 'CONSENT_SCOPE_MISMATCH' });

  const income = 'hb-income-statement';
  t.match(await pull(sandbox, 'X09SC', 'income-consented', income, 'ELIGDTRM'), { status: 200 });
  t.match(await pull(sandbox, 'X81002', 'income-consented', income), { status: 200 });
  const uncalled = await pull(sandbox, 'X09SC', 'consented', income, 'ELIGDTRM');
  t.match(uncalled, { status: 403, code: 'CONSENT_SCOPE_MISMATCH' });

  await t.test('the council answers a notice of the hospital', async (t) => {
    const client = await tracePerson(sandbox.partners.get('X09SC'), person);
    const { sections, ...head } = JSON.parse(readFileSync(receipt, 'utf8'));
    const about = { ...personSection(person), name: { family: person.familyName } };
    const sent = await sandbox.partners
      .get('X09SC')
      .post(`/v1/clients/${client}/messages/discharge-notification`, {
        headers: { 'purpose-of-use': 'TREAT' },
        body: { ...head, sections: { ...sections, person: about } },
      });
    t.match(sent, { status: 202, body: { to: 'XRH01', deliveries: [{ recipient: 'XRH01' }] } });
  });

  await t.test('the same person can be played with again and again', async (t) => {
    const { partners, people, endpoints } = sandbox;
    const [played, mistaken] = people.filter(({ scenario }) => scenario === 'consented');
    if (!played || !mistaken) throw new Error('there is nobody to play with');
    for (const turn of [1, 2, 3]) {
      const said: string[] = [];
      const print = (line: string) => said.push(line);
      const at = systemClock.now().getTime();
      const setting = { partners, person: played, mistaken, endpoints, at, print };
      const { isAsExpected } = await play(setting);
      t.ok(isAsExpected, `turn ${turn}`);
      if (!isAsExpected) t.comment(said.join('\n'));
    }
  });

  await t.rejects(startSandbox(options, []), { message: /is in use by process/ });
});

async function pull(
  { partners, people }: Sandbox,
  organisation: string,
  scenario: Scenario,
  recordType: string,
  purpose = 'TREAT',
) {
  const person = people.find((one) => one.scenario === scenario);
  if (!person) throw new Error(`nobody is ${scenario}`);
  const partner = partners.get(organisation);
  const client = await tracePerson(partner, person);
  const reply = await partner.get(`/v1/clients/${client}/records/${recordType}`, {
    headers: { 'purpose-of-use': purpose },
  });
  return { ...reply, code: textOf(reply.body, 'code') };
}

t.test('it can be played again, also where npm has taken --once for its own', async (t) => {
  const before = certificates();
  const { code, said } = await run({ npm_config_once: 'true' });
  t.equal(code, 0, said);
  t.match(said, /version [23],/);
  t.strictSame(certificates(), before);
});

t.test('a taken port is said with the setting that changes it', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? String(address.port) : '';
  const { code, said } = await run({ JETWAY_EXCHANGE_PORT: port }, '--once');
  t.equal(code, 1);
  t.ok(said.includes(`port ${port} is taken`), said);
  t.ok(said.includes('JETWAY_EXCHANGE_PORT'));
});

t.test('a misspelt setting is said, and nothing is left running', async (t) => {
  const { code, said } = await run({ JETWAY_EXCHANGE_PROT: '8443' }, '--once');
  t.equal(code, 1);
  t.ok(said.includes('JETWAY_EXCHANGE_PROT'), said);
});

t.test('it stops by itself when npm, which started it, is gone', async (t) => {
  const shell = spawn('/bin/sh', ['-c', '"$0" "$1" sandbox & wait', process.execPath, main], {
    env: { ...environment, npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const text of shell.stdout.setEncoding('utf8')) {
    said += text;
    if (said.includes('until Ctrl-C') && !shell.killed) shell.kill('SIGTERM');
  }
  t.match(said, /stopping\s+stopped/, 'its output ends only when the sandbox does');
});
