/** Whose ids the organisations' ids are, held against the ledger: none is pointed at somebody else unseen. */
import t from 'tap';
import { readDelivery } from '../../../src/exchange/inbox.ts';
import { listInbox } from '../../../src/exchange/list-inbox.ts';
import { traceClient } from '../../../src/exchange/trace-client.ts';
import { register, trace } from '../../support/borough.ts';
import { centre, identity, otherCentre } from '../../support/builders.ts';
import { ledgerFindings } from '../../support/ledger-findings.ts';
import { somebody } from '../../support/nhs-numbers.ts';
import { awaitedPerson, relayAgreement, send } from '../../support/relay.ts';
import { contextOf, tamperedExchange, verifier } from '../../support/test-exchange.ts';

const exchange = await tamperedExchange(t);
const { owner, clock } = exchange;

const [one, another] = [somebody(), somebody()];
for (const person of [one, another]) await register(exchange, person);
const client = await trace(exchange, centre, one);
const other = await trace(exchange, centre, another);
clock.advance(1_000);

/** Any number of them are of one instant, which the ledger's time does not tell apart. */
const claim = (kind: 'current-patient' | 'active-referral' | undefined) =>
  traceClient(exchange, {
    context: contextOf(centre),
    trace: { ...identity(one), ...(kind && { relationship: { kind } }) },
  });

const findings = () => ledgerFindings(exchange, verifier);

t.test('ids that nobody touched are those that the newest traces left', async (t) => {
  t.same(await findings(), []);
  await claim('current-patient');
  await claim(undefined);
  await claim('active-referral');
  t.same(await findings(), [], 'however often, in one instant');
  for (let times = 0; times < 70; times += 1) await claim('current-patient');
  await claim('active-referral');
  t.same(await findings(), [], 'nor in pieces of the ledger that are read one after the other');
  await owner.query('create table saved_links as table client_links');
});

const changed = 'entry: the link row that it tells of is not what it was';
const missing = 'entry: the link row that it tells of is missing';
const stray = (count: number) => `link rows that no entry wrote (${count})`;
const mine = `where client = '${client}'`;

for (const { title, change, found } of [
  {
    title: 'two ids exchanged',
    change: `update client_links set client = case client when '${client}' then '${other}!' else '${client}!' end
      where client in ('${client}', '${other}'); update client_links set client = rtrim(client, '!')`,
    found: [changed],
  },
  {
    title: 'an id pointed at somebody else',
    change: `delete from client_links where client = '${other}';
      update client_links set person_id = (select person_id from saved_links where client = '${other}') ${mine}`,
    found: [changed, missing],
  },
  {
    title: 'an id handed to another organisation',
    change: `update client_links set organisation = '${otherCentre}' ${mine}`,
    found: [missing, stray(1)],
  },
  {
    title: 'a relationship that nobody claimed',
    change: `update client_links set relationship = 'current-patient' ${mine}`,
    found: [changed],
  },
  {
    title: 'a trace made fresh',
    change: `update client_links set traced_at = traced_at + interval '1 hour' ${mine}`,
    found: [changed],
  },
  {
    title: 'a trace made fresh for ever',
    change: `update client_links set traced_at = 'infinity' ${mine}`,
    found: [changed],
  },
  {
    title: 'a trace made old',
    change: `update client_links set traced_at = traced_at - interval '1 hour' ${mine}`,
    found: [changed],
  },
  {
    title: 'an id for somebody who was never traced',
    change: `insert into client_links select 'c_made-up', '${otherCentre}', person_id, traced_at, relationship
      from saved_links ${mine}`,
    found: [stray(1)],
  },
  { title: 'an id deleted', change: `delete from client_links ${mine}`, found: [missing] },
]) {
  t.test(`finds ${title}`, async (t) => {
    await owner.query(change);
    const told = await findings();
    await owner.query(
      'delete from client_links; insert into client_links select * from saved_links',
    );
    t.same([...new Set(told)].toSorted(), found.toSorted());
  });
}

t.test('an id that nobody was told of is not held', async (t) => {
  await owner.query(`insert into client_links (client, organisation, person_id)
    select 'c_of-a-message', '${otherCentre}', person_id from saved_links ${mine}`);
  t.same(await findings(), []);
});

t.test('ids that came with messages, exchanged before anybody traced by them', async (t) => {
  const exchange = await tamperedExchange(t, relayAgreement());
  const { owner } = exchange;
  for (const person of [somebody(), somebody()]) {
    const { traced } = await awaitedPerson(exchange, person);
    await send(exchange, traced, { to: otherCentre });
  }
  const context = contextOf(otherCentre);
  const { deliveries } = await listInbox(exchange, { context, limit: 10 });
  for (const { id } of deliveries) await readDelivery(exchange, { context, id });
  t.same(await ledgerFindings(exchange, verifier), []);
  const theirs = `organisation = '${otherCentre}'`;
  await owner.query(`update client_links set client = client || '!' where ${theirs};
    update client_links l set client = (select rtrim(o.client, '!') from client_links o
      where o.${theirs} and o.person_id <> l.person_id) where ${theirs}`);
  t.same(await ledgerFindings(exchange, verifier), [changed, changed]);
});
