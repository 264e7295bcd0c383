/** What is sent waits for who polls, operators see what failed, and run it again once its cause is mended. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { openDatabase } from '../../src/database/database.ts';
import { auditor, centre, council, otherCentre, summary } from '../support/builders.ts';
import { applyAgreement } from '../support/enter-participants.ts';
import { type PersonAtTheDoor, personAtTheDoor } from '../support/person-at-the-door.ts';
import { pushSettings } from '../support/push-settings.ts';
import { generalConsent, message, relayAgreement } from '../support/relay.ts';
import { testAuthorities } from '../support/test-certificates.ts';
import { schemas } from '../support/test-exchange.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const gateway = await startTestGateway(t);
const { call, environment, database: server } = gateway;
const owner = openDatabase({ url: server.ownerUrl, max: 1 });
t.teardown(() => owner.end());
await gateway.administer((ledger) => applyAgreement(ledger, schemas, relayAgreement()));

async function jetway(words: string, env: Readonly<Record<string, string>> = environment) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await dispatch(commands, words.split(' '), {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    env,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const known = (tracers?: readonly string[]) =>
  personAtTheDoor(call, { agreed: generalConsent, ...(tracers && { tracers }) });

const publish = (person: PersonAtTheDoor) =>
  call(council, 'PUT', `/v1/clients/${person.client}/records/social-care-summary`, {
    body: summary(person),
    headers: { 'if-none-match': '*' },
  });

function listOf(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value : [];
}

t.test('who waits at the inbox is answered as soon as something comes', async (t) => {
  const person = await known();
  const waiting = call(centre, 'GET', '/v1/inbox', { headers: { prefer: 'wait=20' } });
  const published = await publish(person);
  const { headers, body } = await waiting;
  t.equal(headers['preference-applied'], 'wait=20');
  t.equal(headers['ledger-index'], undefined, 'nothing is written for a list of ids');
  const [delivery] = listOf(published.body['deliveries']);
  t.match(body, { deliveries: [{ id: delivery?.['id'], reads: 0 }], next: null });

  const path = `/v1/inbox/${delivery?.['id']}`;
  const read = await call(centre, 'GET', path);
  t.match(read.body, { kind: 'record', recordType: 'social-care-summary', sequence: 1 });
  t.equal((await call(otherCentre, 'GET', path)).status, 404);
  t.equal((await call(centre, 'POST', `${path}/acknowledgement`)).status, 200);
  t.equal((await call(centre, 'GET', path)).status, 410);
  const tracked = await call(council, 'GET', `/v1/deliveries/${delivery?.['id']}`);
  const receipts = listOf(tracked.body['receipts']);
  t.strictSame(
    receipts.map((one) => one['receipt']),
    ['accepted', 'read', 'delivered'],
  );
  t.equal(receipts[1]?.['ledgerIndex'], Number(read.headers['ledger-index']));
});

t.test('a referral is answered by a partner that polls', async (t) => {
  const person = await known();
  const { client } = person;
  const path = `/v1/clients/${client}/messages/referral`;
  const body = { ...message('referral', person), to: centre };
  const sent = await call(council, 'POST', path, { body, headers: { 'purpose-of-use': 'TREAT' } });
  t.match(sent, { status: 202, body: { messageType: 'referral', to: centre } });
  t.same(sent.body['withheld'], [{ section: 'attachments', reason: 'SENSITIVITY_LABEL' }]);
  const purposeless = await call(council, 'POST', path, { body });
  t.match(purposeless, { status: 400, body: { code: 'PURPOSE_NEEDED' } });
  const wrong = await call(council, 'POST', path, { body: { ...body, to: 'x81001' } });
  t.match(wrong.body, { code: 'RECORD_INVALID', errors: [{ pointer: '/to', rule: 'pattern' }] });
  const unknown = await call(council, 'POST', `/v1/clients/${client}/messages/summons`, { body });
  t.match(unknown, { status: 404, body: { code: 'ROUTE_NOT_FOUND' } });

  const [delivery] = listOf(sent.body['deliveries']);
  await call(centre, 'GET', `/v1/inbox/${delivery?.['id']}`);
  const answer = `/v1/inbox/${delivery?.['id']}/answer`;
  const bad = await call(centre, 'POST', answer, { body: { status: 'rejected' } });
  t.match(bad, { status: 422, body: { errors: [{ pointer: '/reason', rule: 'required' }] } });
  const accepted = await call(centre, 'POST', answer, { body: { status: 'accepted' } });
  t.equal(accepted.status, 200);
  const inbox = await call(council, 'GET', '/v1/inbox');
  const last = listOf(inbox.body['deliveries']).at(-1);
  const back = await call(council, 'GET', `/v1/inbox/${last?.['id']}`);
  t.match(back.body, { kind: 'answer', status: 'accepted', about: { delivery: delivery?.['id'] } });
});

t.test('a document about somebody else is refused at the door and reaches nobody', async (t) => {
  const [one, other] = [await known(), await known()];
  const path = `/v1/clients/${one.client}`;
  const publishing = (body: unknown) =>
    call(council, 'PUT', `${path}/records/social-care-summary`, {
      body,
      headers: { 'if-none-match': '*' },
    });
  const number = '/sections/person/identifiers/0/value';
  const mistyped = await publishing(summary({ nhsNumber: '9990000019' }));
  const invalid = { code: 'RECORD_INVALID', errors: [{ pointer: number, rule: 'check-digit' }] };
  t.match(mistyped, { status: 422, body: invalid });
  const published = await publishing(summary(other));
  const sent = await call(council, 'POST', `${path}/messages/referral`, {
    body: { ...message('referral', other), to: centre },
    headers: { 'purpose-of-use': 'TREAT' },
  });
  const mismatch = { code: 'PERSON_MISMATCH', errors: [{ pointer: number, rule: 'person' }] };
  for (const { status, headers, body } of [published, sent]) {
    t.match({ status, headers, body }, { status: 422, headers: { 'ledger-index': /^\d+$/ } });
    t.match(body, { ...mismatch, type: 'urn:jetway:problem:record' });
    t.notMatch(JSON.stringify(body), one.nhsNumber);
    t.notMatch(JSON.stringify(body), other.nhsNumber);
  }
  const trail = await call(auditor, 'GET', '/v1/audit/events?reason=PERSON_MISMATCH');
  t.match(trail.body, {
    events: [
      { action: 'message.sent', outcome: 'refused', organisation: council },
      { action: 'record.published', outcome: 'refused', organisation: council },
    ],
  });
  const own = await call(
    council,
    'GET',
    `${path}/records/social-care-summary?custodian=${council}`,
  );
  t.equal(own.status, 404, 'nothing is kept');
  t.equal((await publishing(summary(one))).status, 201);
});

t.test('an operator sees what was refused, and runs it again once that is mended', async (t) => {
  const person = await known([otherCentre]);
  const { client, consentId } = person;
  const [delivery] = listOf((await publish(person)).body['deliveries']);
  const id = String(delivery?.['id']);
  await call(council, 'POST', `/v1/consents/${consentId}/withdrawal`, { body: {} });
  const refused = 'delivery list --state refused --recipient X81002';
  t.match(await jetway(refused), {
    code: 0,
    out: new RegExp(`^${id} .*refused, attempts 0 {2}CONSENT_WITHDRAWN$`),
  });
  const listed = JSON.parse((await jetway(`${refused} --json`)).out);
  t.match(listed, [{ id, receipts: [{ receipt: 'accepted' }, { code: 'REFUSED' }] }]);

  const retry = 'delivery retry --state refused --recipient X81002';
  const before = await owner.query('select size from ledger_head');
  t.match(await jetway(`${retry} --dry-run`), { code: 1, out: /would not: CONSENT_WITHDRAWN$/ });
  await call(council, 'POST', `/v1/clients/${client}/consents`, { body: generalConsent });
  t.match(await jetway(`${retry} --dry-run`), { code: 0, out: /would be delivered$/ });
  const after = await owner.query('select size from ledger_head');
  t.equal(
    Number(after.rows[0]?.['size']),
    Number(before.rows[0]?.['size']) + 1,
    'a trial leaves no entry',
  );
  t.match(await jetway(retry), { code: 0, out: /done, ledger entry \d+/ });
  t.match(await jetway(`delivery retry --id ${id}`), { code: 1, err: /refused/ }, 'once');
  const { out } = await jetway('delivery list --state waiting --recipient X81002');
  const again = out.split(' ')[0];
  const read = await call(otherCentre, 'GET', `/v1/inbox/${again}`);
  t.match(read, { status: 200, body: { sequence: 2 } });
  for (const words of [
    'delivery retry',
    'delivery retry --state waiting',
    'delivery list --limit 0',
    'delivery list --sender x09sc',
  ]) {
    t.match(await jetway(words), { code: 2 }, words);
  }
});

t.test('an operator sets, lists and removes an endpoint', async (t) => {
  const folder = dirname(environment['JETWAY_CHECKPOINT_FILE'] ?? '');
  const anchors = join(folder, 'anchors.pem');
  writeFileSync(anchors, testAuthorities().forServers.certificate.toString());
  const set = `endpoint set X81001 --url https://centre.example/deliveries --anchors ${anchors}`;
  t.match(await jetway(set), { code: 1, err: /pushes nothing/ }, 'not where nothing is pushed');
  const signing = generateKeyPairSync('ed25519').privateKey;
  const pushing = { ...environment, ...pushSettings(t, signing) };
  const narrow = `${set} --record-types referral`;
  t.match(await jetway(narrow, pushing), { code: 0, out: /done/ });
  t.match(await jetway(narrow, pushing), { code: 0, out: /nothing to do/ });
  t.match(await jetway('endpoint list'), {
    out: 'X81001  https://centre.example/deliveries  referral',
  });
  for (const [words, err] of [
    [
      `endpoint set X81001 --url http://centre.example --anchors ${anchors}`,
      /must begin with https/,
    ],
    [`endpoint set X81001 --url https://a:b@centre.example --anchors ${anchors}`, /no user name/],
    [set.replace('centre.example', '169.254.169.254'), /never dials 169.254.169.254/],
    ['endpoint remove X99999', /no such participant/],
    ['delivery list --type summons', /there is no summons/],
    [`${set} --record-types summons`, /there is no summons/],
    [set.replace('X81001', 'X99999'), /no such participant/],
    [set.replace(anchors, `${anchors}.absent`), /cannot be read/],
  ] as const) {
    const { code, err: told } = await jetway(words, pushing);
    t.ok(code > 0 && err.test(told), `${words}: ${told.split('\n')[0]}`);
  }
  t.match(await jetway('endpoint remove X81001'), { code: 0, out: /done/ });
  t.match(await jetway('endpoint remove X81001'), { code: 0, out: /nothing to do/ });
});
