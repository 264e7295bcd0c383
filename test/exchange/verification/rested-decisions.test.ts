/**
 * What was put in, changed or kept from a node for a while, and led to a disclosure, is found although everything is
 * put back afterwards: the entries do not add up to what the disclosure says it rested on.
 */
import t from 'tap';
import { dossierReader } from '../../../src/exchange/dossier.ts';
import { retractRecord } from '../../../src/exchange/publish-record.ts';
import { recordPuller } from '../../../src/exchange/pull-record.ts';
import { traceClient } from '../../../src/exchange/trace-client.ts';
import { agree, knownPerson, publish, register, state, trace } from '../../support/borough.ts';
import {
  centre,
  council,
  identity,
  ordinaryFacts,
  otherCentre,
  summary,
} from '../../support/builders.ts';
import { ledgerFindings } from '../../support/ledger-findings.ts';
import { somebody } from '../../support/nhs-numbers.ts';
import {
  contextOf,
  newKey,
  pullOf,
  type TestExchange,
  tamperedExchange,
  verifier,
} from '../../support/test-exchange.ts';

/** A borough of its own, in which nobody has touched anything. */
async function borough(t: Parameters<typeof tamperedExchange>[0]) {
  const exchange = await tamperedExchange(t);
  const { owner, clock } = exchange;
  return {
    exchange,
    owner,
    clock,
    pull: recordPuller(exchange),
    findings: () => ledgerFindings(exchange, verifier),
    /** By a node that has just started, and remembers nothing. */
    pullAnew: (traced: string) =>
      recordPuller({ ...exchange, readDossiers: dossierReader() })(pullOf(centre, traced)),
    /** As the owner of the database can: the node does not hear of what changes in the table. */
    unheard: async (table: string, change: () => Promise<unknown>) => {
      await owner.query(`alter table ${table} disable trigger user`);
      await change();
      await owner.query(`alter table ${table} enable trigger user`);
    },
  };
}

/** Published and traced, and nobody has consented. */
async function withoutConsent(exchange: TestExchange) {
  const one = somebody();
  const client = await register(exchange, one);
  await state(exchange, client);
  await publish(exchange, client, { record: summary(one) });
  return { client, traced: await trace(exchange, centre, one) };
}

const retract = (exchange: TestExchange, client: string) =>
  retractRecord(exchange, {
    ...{ context: contextOf(council), client, recordType: 'social-care-summary' },
    ...{ reason: 'another person', idempotency: newKey() },
  });

const ofClient = (client: string) =>
  `(select person_id from client_links where client = '${client}')`;

t.test('finds a disclosure on a consent that was put in for a while', async (t) => {
  const { exchange, owner, pull, findings } = await borough(t);
  const { traced, client } = await withoutConsent(exchange);
  const { consentId } = await knownPerson(exchange, somebody());
  await t.rejects(pull(pullOf(centre, traced)), { code: 'NO_CONSENT_ON_FILE' });
  t.same(await findings(), []);
  await owner.query(`insert into consents select gen_random_uuid(), 1, ${ofClient(client)}, document, recorded_by,
    recorded_at from consents where id = '${consentId}'`);
  t.ok((await pull(pullOf(centre, traced))).body);
  await owner.query(`delete from consents where person_id = ${ofClient(client)};
    update persons set state_version = state_version - 1 where id = ${ofClient(client)}`);
  t.same(await findings(), [
    'entry: the consent that it rests on was not recorded in that version',
    'entry: the state that it rests on is not the one that entries left last',
  ]);
});

t.test('finds a disclosure on a consent whose text was another for a while', async (t) => {
  const { exchange, owner, pullAnew, findings } = await borough(t);
  const { traced, consentId } = await knownPerson(exchange, somebody());
  await owner.query(`create table saved as table consents;
    update consents set document = jsonb_set(document, '{given}', '"otherwise"') where id = '${consentId}'`);
  t.ok((await pullAnew(traced)).body);
  await owner.query('delete from consents; insert into consents table saved');
  await owner.query('update persons set state_version = state_version - 1');
  t.same(await findings(), ['entry: what it rests on is not what is recorded of its person']);
  t.ok((await pullAnew(traced)).body);
  t.same(
    await findings(),
    [
      'entry: it rests on other rows than the first decision on the same state of its person',
      'entry: what it rests on is not what is recorded of its person',
    ],
    'nor does a decision on what is recorded make up for it',
  );
});

t.test('finds a disclosure by an id that was pointed at somebody else for a while', async (t) => {
  const { exchange, owner, pull, findings } = await borough(t);
  const victim = await knownPerson(exchange, somebody());
  const other = await withoutConsent(exchange);
  await owner.query(`create table saved as table client_links;
    delete from client_links where client = '${victim.traced}';
    update client_links set person_id = ${ofClient(victim.client)} where client = '${other.traced}'`);
  t.ok((await pull(pullOf(centre, other.traced))).body);
  await owner.query('delete from client_links; insert into client_links table saved');
  t.same(await findings(), ['entry: the id that it is about is not the one that entries told of']);
});

t.test('finds a disclosure on a trace that was made fresh for a while', async (t) => {
  const { exchange, owner, clock, pull, findings } = await borough(t);
  const { traced } = await knownPerson(exchange, somebody());
  clock.advance(400 * 86_400_000);
  await t.rejects(pull(pullOf(centre, traced)), { code: 'TRACE_STALE' });
  await owner.query(`create table saved as table client_links;
    update client_links set traced_at = (select at from ledger_head), relationship = 'registered'`);
  t.ok((await pull(pullOf(centre, traced))).body);
  await owner.query('delete from client_links; insert into client_links table saved');
  const misfit = 'entry: the trace that it rests on is not the last one that entries tell of';
  t.same(await findings(), [misfit]);
  await owner.query(`set local session_replication_role = replica;
    update overrides set recorded_by = 'X'; update consents set recorded_by = 'X'`);
  const told = await findings();
  t.ok(told.includes(misfit), 'which stays in the ledger for good');
  t.ok(
    told.includes('entry: the consent row that it wrote is not what it was'),
    'and keeps no later change from being found',
  );
});

t.test(
  'finds a trace by a number that was exchanged with another person’s for a while',
  async (t) => {
    const { exchange, owner, pull, findings } = await borough(t);
    const [one, other] = [somebody(), somebody()];
    await knownPerson(exchange, one);
    await knownPerson(exchange, other);
    await owner.query(`create table saved as table person_identifiers;
    update person_identifiers i set person_id = (select id from persons where id <> i.person_id)`);
    const client = await trace(exchange, otherCentre, one);
    await owner.query('delete from person_identifiers; insert into person_identifiers table saved');
    t.ok((await pull(pullOf(otherCentre, client))).body);
    t.equal(await trace(exchange, otherCentre, other), client, 'it was given the id of the other');
    t.same(await findings(), ['entry: what it found of its person is not what was registered']);
  },
);

t.test('finds a relationship that was edited before a trace that claims none', async (t) => {
  const { exchange, owner, clock, pull, findings } = await borough(t);
  const one = somebody();
  const client = await register(exchange, one);
  await state(exchange, client);
  await publish(exchange, client, { record: summary(one) });
  await agree(exchange, client);
  const { relationship: _, ...unclaimed } = identity(one);
  const traceAgain = () => traceClient(exchange, { context: contextOf(centre), trace: unclaimed });
  const { body } = await traceAgain();
  const traced = String(body['client']);
  await t.rejects(pull(pullOf(centre, traced)), { code: 'NO_LEGITIMATE_RELATIONSHIP' });
  await owner.query(
    `update client_links set relationship = 'registered' where client = '${traced}'`,
  );
  clock.advance(1_000);
  await traceAgain();
  t.ok((await pull(pullOf(centre, traced))).body);
  t.same(await findings(), [
    'entry: the relationship that it found is not what the trace before it left',
  ]);
});

const unheardOf =
  'entry: it changed rows of its person, and the number of their state did not rise: nodes may have gone on by old ones';
const otherRows = 'entry: it rests on more or fewer rows than entries wrote of its person';
const notRecorded = 'entry: what it rests on is not what is recorded of its person';

for (const { title, table, change, found } of [
  {
    title: 'a retraction',
    table: 'record_versions',
    change: retract,
    found: [unheardOf, notRecorded],
  },
  {
    title: 'that a person has died',
    table: 'person_facts',
    change: (exchange: TestExchange, client: string) =>
      state(exchange, client, { ...ordinaryFacts, deceasedDate: '2026-11-20' }),
    found: [unheardOf, otherRows, notRecorded],
  },
  {
    title: 'a dissent',
    table: 'consents',
    change: (exchange: TestExchange, client: string) =>
      agree(exchange, client, {
        rules: [
          { type: 'deny', recordTypes: ['social-care-summary'], purposes: ['individual-care'] },
        ],
      }),
    found: [unheardOf, otherRows, notRecorded],
  },
]) {
  t.test(`finds ${title} that a node was kept from hearing`, async (t) => {
    const { exchange, pull, pullAnew, findings, unheard } = await borough(t);
    const { client, traced } = await knownPerson(exchange, somebody());
    t.ok((await pull(pullOf(centre, traced))).body);
    t.same(await findings(), []);
    await unheard(table, () => change(exchange, client));
    t.ok((await pull(pullOf(centre, traced))).body, 'it goes on by what it holds');
    t.same(await findings(), found);
    await t.rejects(pullAnew(traced), 'and another node would have refused');
  });
}

t.test('finds a retraction that a node was kept from hearing by the head itself', async (t) => {
  const { exchange, owner, pull, findings } = await borough(t);
  const { client, traced } = await knownPerson(exchange, somebody());
  t.ok((await pull(pullOf(centre, traced))).body);
  await owner.query('create table heard as select people_version from ledger_head');
  await retract(exchange, client);
  await owner.query('update ledger_head set people_version = h.people_version from heard h');
  t.ok((await pull(pullOf(centre, traced))).body, 'it goes on by the state before');
  await owner.query('update ledger_head set people_version = people_version + 1');
  await t.rejects(pull(pullOf(centre, traced)), { code: 'RECORD_RETRACTED' });
  t.same(await findings(), [
    'entry: the state that it rests on is not the one that entries left last',
  ]);
});

t.test('finds a row put in unheard, before any node decides, and removed unheard', async (t) => {
  const { exchange, owner, pull, findings } = await borough(t);
  const { client, traced } = await knownPerson(exchange, somebody());
  await state(exchange, client, { ...ordinaryFacts, deceasedDate: '2026-11-20' });
  await owner.query(`set local session_replication_role = replica;
    insert into person_facts (person_id, name, value, effective_from, source, recorded_at)
    select person_id, name, 'null', effective_from, source, recorded_at
    from person_facts where name = 'deceasedDate'`);
  t.ok((await pull(pullOf(centre, traced))).body);
  await owner.query(`set local session_replication_role = replica;
    delete from person_facts where id = (select max(id) from person_facts)`);
  t.same(await findings(), [otherRows]);
  await state(exchange, client, { capacity: 'has' });
  t.same(await findings(), [otherRows], 'nor does an act after it make up for it');
});

t.test('more misfits than findings have room for keep no row from being compared', async (t) => {
  const { exchange, owner, pull, findings } = await borough(t);
  const { traced } = await knownPerson(exchange, somebody());
  await owner.query(`create table saved as table client_links;
    update client_links set traced_at = traced_at - interval '1 hour'`);
  const pulls = Array.from({ length: 130 }, () => pull(pullOf(centre, traced)));
  t.ok((await Promise.all(pulls)).every(({ body }) => body));
  await owner.query('delete from client_links; insert into client_links table saved');
  const misfit = 'the trace that it rests on is not the last one that entries tell of';
  const misfits = [...Array(20).fill(`entry: ${misfit}`), `${misfit}: 110 more entries`];
  t.same(await findings(), misfits);
  await owner.query(`set local session_replication_role = replica;
    update consents set recorded_by = 'X'`);
  const consent = 'entry: the consent row that it wrote is not what it was';
  t.same((await findings()).toSorted(), [...misfits, consent, notRecorded].toSorted());
});
