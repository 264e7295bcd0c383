/** Who may enter and what was agreed, held against the ledger: nobody is let in behind the operators' backs. */
import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { endSharingAgreement } from '../../../src/agreements/roll-out-agreement.ts';
import { recordPuller } from '../../../src/exchange/pull-record.ts';
import { admitParticipant } from '../../../src/participants/admit-participant.ts';
import { removeEndpoint, setEndpoint } from '../../../src/participants/set-endpoint.ts';
import {
  restoreParticipant,
  revokeRegistered,
  suspendParticipant,
} from '../../../src/participants/suspend-participant.ts';
import { knownPerson } from '../../support/borough.ts';
import { agreement, centre, hospital, otherCentre, thirdCentre } from '../../support/builders.ts';
import { applyAgreement } from '../../support/enter-participants.ts';
import { ledgerFindings } from '../../support/ledger-findings.ts';
import { somebody } from '../../support/nhs-numbers.ts';
import { endpointOf } from '../../support/relay.ts';
import {
  contextOf,
  fingerprintOf,
  pullOf,
  schemas,
  tamperedExchange,
  verifier,
} from '../../support/test-exchange.ts';

const exchange = await tamperedExchange(t);
const { ledger, owner, clock } = exchange;

// everything that operators do, and some of it undone
await admitParticipant(
  ledger,
  {
    ...{ odsCode: centre, name: 'Another name', kind: 'nhs-health-centre' },
    assertionKey: {
      ...{ kid: 'k1', algorithm: 'ES256' },
      publicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
    },
  },
  'test',
);
clock.advance(1_000);
await suspendParticipant(ledger, hospital, 'test');
await suspendParticipant(ledger, otherCentre, 'test');
await restoreParticipant(ledger, otherCentre, 'test');
await revokeRegistered(ledger, fingerprintOf(thirdCentre), 'test');
await setEndpoint(ledger, endpointOf(centre), 'test');
await setEndpoint(ledger, endpointOf(centre, 'https://localhost:2/deliveries'), 'test');
await setEndpoint(ledger, endpointOf(otherCentre), 'test');
await removeEndpoint(ledger, otherCentre, 'test');
await applyAgreement(ledger, schemas, { ...agreement(), title: 'A second version' });
const other = { ...agreement(), id: 'over-by-now', parties: [{ odsCode: centre, may: [] }] };
await applyAgreement(ledger, schemas, other);
await endSharingAgreement(ledger, 'over-by-now', 'test');

const tables = [
  'sharing_agreements',
  'endpoints',
  'participant_assertion_keys',
  'participant_certificates',
  'participants',
];
for (const table of tables) await owner.query(`create table saved_${table} as table ${table}`);

async function putBack() {
  for (const table of tables) await owner.query(`delete from ${table}`);
  for (const table of tables.toReversed()) {
    await owner.query(`insert into ${table} select * from saved_${table}`);
  }
}

const findings = () => ledgerFindings(exchange, verifier);

const unadmitted = 'entry: its certificate was not admitted for its organisation';
const changed = (kind: string) => [`entry: the ${kind} row that it wrote is not what it was`];
const missing = (kind: string) => [`entry: the ${kind} row that it wrote is missing`];
const stray = (kind: string) => [`${kind} rows that no entry wrote (1)`];
const of = (odsCode: string) => `where ods_code = '${odsCode}'`;

const changes: readonly { title: string; change: string; found: readonly string[] }[] = [
  {
    title: 'an organisation that nobody admitted',
    change: `insert into participants select 'X99999', name, kind, status, added_at from participants ${of(centre)}`,
    found: stray('participant'),
  },
  {
    title: 'a suspension undone',
    change: `update participants set status = 'active' ${of(hospital)}`,
    found: changed('participant'),
  },
  ...['added_at', 'not_after'].map((column) => ({
    title: `an instant that only PostgreSQL can hold (${column})`,
    change: `update participant_certificates set ${column} = '290000-01-01' ${of(centre)}`,
    found: changed('certificate'),
  })),
  {
    title: 'a council made of a health centre',
    change: `update participants set kind = 'la-social-care' ${of(otherCentre)}`,
    found: changed('participant'),
  },
  {
    title: 'a certificate that nobody admitted',
    change: `insert into participant_certificates select repeat('ab', 32), ods_code, system, not_after, added_at
      from participant_certificates ${of(centre)}`,
    found: stray('certificate'),
  },
  {
    title: 'a revocation undone',
    change: `update participant_certificates set revoked_at = null ${of(thirdCentre)}`,
    found: changed('certificate'),
  },
  {
    title: 'a certificate given to another organisation',
    change: `update participant_certificates set ods_code = '${otherCentre}' ${of(centre)}`,
    found: changed('certificate'),
  },
  {
    title: 'a key for user assertions exchanged',
    change: `update participant_assertion_keys set public_key = 'another'`,
    found: changed('assertion key'),
  },
  {
    title: 'a key for user assertions deleted',
    change: 'delete from participant_assertion_keys',
    found: missing('assertion key'),
  },
  {
    title: 'deliveries led elsewhere',
    change: `update endpoints set url = 'https://elsewhere.example/'`,
    found: changed('endpoint'),
  },
  {
    title: 'another authority for an endpoint',
    change: `update endpoints set anchors = replace(anchors, 'A', 'B')`,
    found: changed('endpoint'),
  },
  {
    title: 'an endpoint that nobody set',
    change: `insert into endpoints select '${otherCentre}', url, anchors, record_types, set_at from endpoints`,
    found: stray('endpoint'),
  },
  {
    title: 'an agreement that says something else',
    change: `update sharing_agreements set document = jsonb_set(document, '{traceFreshnessDays}', '9000')
      where id = 'borough-care' and version = 2`,
    found: changed('agreement'),
  },
  {
    title: 'an agreement brought back',
    change: `update sharing_agreements set ended_at = null where id = 'over-by-now'`,
    found: changed('agreement'),
  },
  {
    title: 'a version that nobody applied',
    change: `insert into sharing_agreements select id, 3, document, applied_at from sharing_agreements
      where id = 'borough-care' and version = 1`,
    found: stray('agreement'),
  },
  {
    title: 'the newest version deleted, so that the one before counts again',
    change: `delete from sharing_agreements where id = 'borough-care' and version = 2`,
    found: missing('agreement'),
  },
];

t.test('the register is what the entries add up to', async (t) => {
  t.same(await findings(), []);
  for (const table of tables) {
    const { rowCount } = await owner.query(`select from ${table}`);
    t.ok((rowCount ?? 0) > 0, `${table} has rows`);
  }
});

t.test('whoever owns the database changes nothing of it unseen', async (t) => {
  for (const { title, change, found } of changes) {
    const { rowCount } = await owner.query(change);
    t.ok((rowCount ?? 0) > 0, 'something was tampered with');
    t.same(await findings(), found, `finds ${title}, and nothing else`);
    await putBack();
  }
  t.same(await findings(), [], 'and all is as it was');
});

t.test(
  'what was done by a certificate that was let in for a while is found afterwards',
  async (t) => {
    const { traced } = await knownPerson(exchange, somebody());
    const pull = recordPuller(exchange);
    const fingerprint256 = 'ab'.repeat(32);
    const context = contextOf(centre, { fingerprint256 });
    const byStranger = () => pull({ ...pullOf(centre, traced), context });
    await t.rejects(byStranger(), { code: 'CERTIFICATE_UNKNOWN' });
    t.same(await findings(), [], 'a refusal is no act of a stranger’s');
    await owner.query(`insert into participant_certificates
    select '${fingerprint256}', ods_code, system, not_after, added_at from participant_certificates ${of(centre)}`);
    t.ok((await byStranger()).body);
    await putBack();
    t.same(await findings(), [unadmitted]);
  },
);

t.test('neither another edit nor an entry that nobody can read hides it', async (t) => {
  await owner.query(`create table saved_events as table ledger_events;
    create table saved_payloads as table ledger_payloads;
    update ledger_events set reasons = array['X'] where index = 0`);
  t.ok((await findings()).includes(unadmitted));
  await owner.query(
    "update ledger_payloads set payloads = null, packed = 'x' where first_index = 0",
  );
  t.match(
    (await findings()).filter((finding) => finding.includes('certificate')),
    [/cannot be told: an entry before it is missing or does not open/],
  );
  await owner.query(`delete from ledger_events; insert into ledger_events table saved_events;
    update ledger_payloads p set payloads = s.payloads, packed = s.packed from saved_payloads s
      where p.first_index = s.first_index and p.log = s.log`);
  t.same(await findings(), [unadmitted]);
});

t.test(
  'so is what was done by an organisation whose suspension was lifted for a while',
  async (t) => {
    const { traced } = await knownPerson(exchange, somebody());
    await suspendParticipant(ledger, centre, 'test');
    await owner.query(`update participants set status = 'active' ${of(centre)}`);
    t.ok((await recordPuller(exchange)(pullOf(centre, traced))).body);
    await owner.query(`update participants set status = 'suspended' ${of(centre)}`);
    t.match(await findings(), [/its certificate was not/, 'entry: its organisation was suspended']);
  },
);
