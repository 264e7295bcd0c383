/**
 * Deliveries reach real endpoints over mutual TLS: in order, once in effect, signed, whatever the endpoint's manners.
 */
import { generateKeyPairSync } from 'node:crypto';
import t from 'tap';
import { getHead } from '../../src/ledger/ledger-store.ts';
import { authorisationLifeMs } from '../../src/ledger/work.ts';
import { removeEndpoint, setEndpoint } from '../../src/participants/set-endpoint.ts';
import {
  restoreParticipant,
  suspendParticipant,
} from '../../src/participants/suspend-participant.ts';
import type { Manner } from '../../src/partner/manners.ts';
import { centre, council, otherCentre } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { awaitedPerson, endpointOf, publisher, relayAgreement } from '../support/relay.ts';
import { deliveryIn, relayAtWork } from '../support/relay-at-work.ts';
import { testExchange } from '../support/test-exchange.ts';

const hourMs = 3_600_000;
const exchange = await testExchange(t, relayAgreement());
const { opened, place, track } = relayAtWork(t, exchange);

/** Of the ledger, begun so far. */
async function transactions(): Promise<number> {
  const { rows } = await exchange.database.query<{ n: number }>(
    `select n_tup_upd::int as n from pg_stat_user_tables where relname = 'ledger_head'`,
  );
  return rows[0]?.n ?? 0;
}

async function ledgerSize(): Promise<number> {
  return (await getHead(exchange.database)).frontier.size;
}

t.test('a record is pushed whole, signed, under the index of its entry', async (t) => {
  const endpoint = await place(centre);
  const { work } = await opened();
  const { client, traced } = await awaitedPerson(exchange, somebody());
  const id = deliveryIn(await publisher(exchange, client)());
  await work();
  const [received, ...others] = endpoint.received;
  t.match(received, {
    delivery: id,
    status: 'received',
    kind: 'record',
    client: traced,
    sequence: 1,
  });
  t.ok(received?.proof, 'its signature verifies');
  t.strictSame(others, []);
  const { rows } = await exchange.database.query(
    `select action, outcome, organisation from ledger_events where index = ${received?.ledgerIndex}`,
  );
  t.strictSame(rows, [
    { action: 'delivery.authorised', outcome: 'permitted', organisation: centre },
  ]);
  t.match(await track(council, id), { state: 'delivered', attempts: 1 });
});

t.test('an answer that is lost is asked for again, and nothing is taken twice', async (t) => {
  const manners: Manner[] = ['cut-after', 'cut-before', '500', 'garbage', 'html', 'ok'];
  const endpoint = await place(centre, () => manners.shift() ?? 'ok');
  const { work } = await opened();
  const { client } = await awaitedPerson(exchange, somebody());
  const id = deliveryIn(await publisher(exchange, client)());
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    await work();
    exchange.clock.advance(hourMs);
  }
  const statuses = endpoint.received.map(({ status }) => status);
  t.strictSame(statuses, ['received', 'repeated'], 'before the cut, and when it was told again');
  t.match(await track(council, id), { state: 'delivered', attempts: 6 });
});

t.test('an authorisation that ran out before it was used is never sent', async (t) => {
  const endpoint = await place(centre);
  const { client } = await awaitedPerson(exchange, somebody());
  const id = deliveryIn(await publisher(exchange, client)());
  let frozenMs = authorisationLifeMs;
  // as if the node were frozen between the commit and the sending
  const { relay, work, observed } = await opened({ lateByMs: () => frozenMs });
  await relay.round();
  await relay.settled();
  await relay.round();
  await relay.settled();
  frozenMs = 0;
  t.match(observed, [{ kind: 'delivery.attempted', outcome: 'AUTHORISATION_EXPIRED' }]);
  t.strictSame(endpoint.received, []);
  exchange.clock.advance(hourMs);
  await work();
  t.match(await track(council, id), { state: 'delivered', attempts: 2 });
});

t.test(
  'a participant that is suspended is asked for once a second at most, and sent nothing',
  async (t) => {
    const endpoint = await place(centre);
    const { client } = await awaitedPerson(exchange, somebody());
    await publisher(exchange, client)();
    await suspendParticipant(exchange.ledger, centre, 'test');
    const { relay, observed, work } = await opened();
    const before = await transactions();
    await work();
    relay.start();
    for (let turn = 0; turn < 50; turn += 1) {
      relay.wake();
      await new Promise((resume) => setImmediate(resume));
    }
    t.strictSame([endpoint.received, observed], [[], []]);
    t.equal(await transactions(), before, 'the ledger is not asked at all');
    await restoreParticipant(exchange.ledger, centre, 'test');
    await relay.stop();
    const restored = await opened();
    await restored.work();
    t.equal(endpoint.received.length, 1);
  },
);

t.test('a fault of ours in one delivery puts that one off, and nothing falls over', async (t) => {
  const endpoint = await place(centre);
  const { client } = await awaitedPerson(exchange, somebody());
  const id = deliveryIn(await publisher(exchange, client)());
  const { work, observed } = await opened({ signingKey: generateKeyPairSync('x25519').privateKey });
  await work();
  t.strictSame(endpoint.received, []);
  t.match(observed, [{ kind: 'relay.failed' }, { outcome: 'INTERNAL_ERROR' }]);
  t.match(await track(council, id), { state: 'waiting', lastFailure: 'INTERNAL_ERROR' });
  exchange.clock.advance(60_000);
  const mended = await opened();
  await mended.work();
  t.match(await track(council, id), { state: 'delivered' });
});

t.test('an endpoint that nobody reaches costs no entry, and holds up nobody else', async (t) => {
  const { relay, observed, work, know } = await opened();
  const reached = await place(centre);
  await setEndpoint(exchange.ledger, endpointOf(otherCentre), 'test');
  await know();
  const { client } = await awaitedPerson(exchange, somebody(), [centre, otherCentre]);
  await publisher(exchange, client)();
  const before = await ledgerSize();
  await work();
  t.equal(reached.received.length, 1);
  t.equal((await ledgerSize()) - before, 2, 'the entries of the one that was reached');
  const failures = observed.filter(({ kind }) => kind === 'endpoint.failed');
  t.strictSame(
    failures.map((one) => 'code' in one && one.code),
    Array(5).fill('ENDPOINT_UNREACHABLE'),
  );
  await work();
  t.equal(observed.length, 6, 'left alone for a while');
  exchange.clock.advance(1_000);
  await relay.round();
  await relay.settled();
  t.equal(observed.length, 7, 'then one connection tries');
  await removeEndpoint(exchange.ledger, otherCentre, 'test');
});

t.test(
  'an endpoint that is down for a day costs the others nothing, and misses nothing',
  async (t) => {
    const { observed, work, know } = await opened();
    const healthy = await place(centre);
    await setEndpoint(exchange.ledger, endpointOf(otherCentre), 'test');
    await know();
    const { client } = await awaitedPerson(exchange, somebody(), [centre, otherCentre]);
    const next = publisher(exchange, client);
    const entries: number[] = [];
    for (let hour = 1; hour <= 24; hour += 1) {
      await next();
      const before = await ledgerSize();
      await work();
      entries.push((await ledgerSize()) - before);
      t.equal(healthy.received.length, hour, 'the healthy one has each version at once');
      exchange.clock.advance(hourMs);
    }
    t.strictSame(new Set(entries), new Set([2]), 'and nothing is written but its own two entries');
    const knocks = observed.filter(({ kind }) => kind === 'endpoint.failed');
    t.ok(knocks.length <= 5 + 24, 'the dead one costs a connection now and then');
    const back = await place(otherCentre);
    await know();
    await work();
    const { sequence } = back.received.at(-1) ?? {};
    t.equal(sequence, 24, 'and gets the version that counts when it is back');
    t.equal(back.received.length, 2, 'that alone, and what an earlier test left');
    await removeEndpoint(exchange.ledger, otherCentre, 'test');
  },
);
