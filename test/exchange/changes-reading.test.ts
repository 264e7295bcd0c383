/** Reading the changes feed: cursors, pages, repetition, and what a reading leaves behind. */
import t from 'tap';
import { openDatabase } from '../../src/database/database.ts';
import { sealToken } from '../../src/encoding/opaque-token.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { withdrawConsent } from '../../src/exchange/record-consent.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { getHead } from '../../src/ledger/ledger-store.ts';
import { knownPerson, publish, state } from '../support/borough.ts';
import { centre, council, otherCentre } from '../support/builders.ts';
import { follow, readAll, readPage } from '../support/feed-consumer.ts';
import { storedEvents } from '../support/ledger-lines.ts';
import { somebody } from '../support/nhs-numbers.ts';
import {
  contextOf,
  newKey,
  pullOf,
  type TestExchange,
  testExchange,
} from '../support/test-exchange.ts';

const exchange = await testExchange(t);

const withdraw = (id: string, local: TestExchange) =>
  withdrawConsent(local, {
    ...{ context: contextOf(council), id, reason: 'asked by the person' },
    idempotency: newKey(),
  });

t.test('a repeated read from the same cursor tells the same', async (t) => {
  const local = await testExchange(t);
  const { cursor } = await follow(local);
  const { consentId } = await knownPerson(local, somebody());
  await knownPerson(local, somebody());
  const once = await readAll(local, cursor);
  const again = await readAll(local, cursor);
  t.strictSame(again.changes, once.changes);
  await withdraw(consentId, local);
  const later = await readAll(local, cursor);
  t.match(
    later.changes.map((change) => change.state),
    ['current', 'gone'],
    'and what is decided is decided when it is read',
  );
  t.strictSame((await readAll(local, cursor)).changes, later.changes, 'tombstones, too');
});

t.test('pages cut anywhere pass nobody over', async (t) => {
  const local = await testExchange(t);
  const { cursor } = await follow(local);
  const people = await Promise.all(
    Array.from({ length: 7 }, () => somebody()).map((one) => knownPerson(local, one)),
  );
  for (const { client } of [...people, ...people]) await state(local, client);
  for (const limit of [1, 2, 3, 200]) {
    for (const after of [cursor, undefined]) {
      const { changes } = await readAll(local, after, centre, limit);
      const indexes = changes.map(({ ledgerIndex }) => ledgerIndex);
      t.strictSame(
        indexes,
        [...indexes].sort((a, b) => a - b),
        'in the ledger’s order',
      );
      t.strictSame(
        new Set(changes.map(({ client }) => client)),
        new Set(people.map(({ traced }) => traced)),
        `${limit} people a page`,
      );
    }
  }
});

t.test('a cursor is of one organisation, purpose, role and log', async (t) => {
  const { cursor } = await follow(exchange);
  const forged = `${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}`;
  await t.rejects(readPage(exchange, { after: forged }), { code: 'CURSOR_INVALID' });
  await t.rejects(readPage(exchange, { after: cursor }, otherCentre), { code: 'CURSOR_INVALID' });
  await t.rejects(readPage(exchange, { after: cursor, purpose: 'COC' }), {
    code: 'CURSOR_INVALID',
  });
  const elsewhere = sealToken(exchange.macKey, `changes ${centre} TREAT system`, '2 0');
  await t.rejects(readPage(exchange, { after: elsewhere }), { code: 'CURSOR_GONE' });
});

t.test('an empty poll takes no lock and writes nothing', async (t) => {
  const local = await testExchange(t);
  const { client, traced } = await knownPerson(local, somebody());
  await recordPuller(local)(pullOf(centre, traced));
  const { cursor } = await follow(local);
  await t.rejects(publish(local, client), { code: 'PRECONDITION_FAILED' });
  const url = new URL(local.gatewayUrl);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  const database = openDatabase({ url: url.href, max: 1 });
  t.teardown(() => database.end());
  const run = () => Promise.reject(new Error('the ledger was asked'));
  const ledger = new Ledger({ run }, { maxBatch: 1, maxWaiting: 1 });
  const poor = { ...local, ledger, feeds: { ...local.feeds, database } };
  const sizeOf = async () => (await getHead(local.database)).frontier.size;
  const before = await sizeOf();
  for (let poll = 0; poll < 10; poll += 1) {
    const { body, entry } = await readPage(poor, { after: cursor });
    t.equal(body['more'], false);
    t.same(body['changes'], []);
    t.equal(entry, undefined);
  }
  t.equal(await sizeOf(), before, 'on a connection that may neither write nor lock');
  await t.rejects(database.query('select from ledger_head for update'), { code: '25006' });
});

t.test('a reading leaves one entry, which says how much was read', async (t) => {
  const local = await testExchange(t);
  await knownPerson(local, somebody());
  const { entry, body } = await readPage(local);
  const stored = await storedEvents(local.owner);
  const readings = stored.filter(({ event }) => event.action === 'changes.read');
  const digest = /^sha-256=:[A-Za-z0-9+/]{43}=:$/;
  const particulars = { from: body.ledgerIndex, until: body.ledgerIndex, count: 1 };
  t.match(readings, [
    { index: entry?.ledgerIndex, event: { outcome: 'done', person: null, digest, particulars } },
  ]);
});
