/** What cannot be pushed any more ends with a report, or goes to its recipient's inbox: nothing is lost on the way. */
import t from 'tap';
import {
  expireDeliveries,
  moveOrphansToInboxes,
  refuseWaiting,
} from '../../src/exchange/end-waiting.ts';
import { acknowledgeDelivery, readDelivery } from '../../src/exchange/inbox.ts';
import { withdrawConsent } from '../../src/exchange/record-consent.ts';
import { removeEndpoint, setEndpoint } from '../../src/participants/set-endpoint.ts';
import { centre, council, otherCentre } from '../support/builders.ts';
import { deliveriesOf, handDelivered } from '../support/hand-delivered.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { awaitedPerson, publisher, relayAgreement, send } from '../support/relay.ts';
import { contextOf, newKey, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t, relayAgreement());
const { authorise, endpoint, inboxOf, reportsAbout, settle, track } = await handDelivered(exchange);
const dayMs = 86_400_000;

t.test('what is not delivered in five days is reported once', async (t) => {
  const { client } = await awaitedPerson(exchange, somebody());
  const [delivery] = deliveriesOf(await publisher(exchange, client)());
  exchange.clock.advance(5 * dayMs - 1);
  await expireDeliveries(exchange);
  t.match(await track(delivery?.id), { state: 'waiting' });
  exchange.clock.advance(1);
  await Promise.all([expireDeliveries(exchange), expireDeliveries(exchange)]);
  t.match(await track(delivery?.id), { state: 'expired' });
  t.match(await reportsAbout(delivery?.id), [{ code: 'EXPIRED', reason: 'NOT_SENT' }]);
});

t.test('what waits for an endpoint that is taken away goes to the inbox', async (t) => {
  const { client } = await awaitedPerson(exchange, somebody(), [centre, otherCentre]);
  const before = (await inboxOf(otherCentre)).length;
  const deliveries = deliveriesOf(await publisher(exchange, client)());
  t.equal(deliveries.length, 2);
  t.equal((await inboxOf(otherCentre)).length, before + 1, 'who has no endpoint has an inbox');
  await removeEndpoint(exchange.ledger, centre, 'test');
  t.strictSame(await authorise(), []);
  await moveOrphansToInboxes(exchange);
  const moved = await inboxOf(centre);
  t.ok(moved.some(({ id }) => deliveries.some((one) => one.id === id)));
  await setEndpoint(exchange.ledger, endpoint, 'test');
});

t.test(
  'however long the line, all of it goes to the inbox when its endpoint is taken away',
  async (t) => {
    const every = { ...exchange, deliveries: { ...exchange.deliveries, supersede: false } };
    const { client } = await awaitedPerson(exchange, somebody());
    const next = publisher(every, client);
    for (let version = 1; version <= 205; version += 1) await next();
    const [lapsing] = await authorise();
    t.ok(lapsing, 'one of them with an attempt that nobody will settle');
    exchange.clock.advance(30_000);
    await removeEndpoint(exchange.ledger, centre, 'test');
    await moveOrphansToInboxes(exchange);
    const { rows } = await exchange.database.query(
      `select from deliveries where channel = 'push' and state in ('waiting', 'authorised')`,
    );
    t.equal(rows.length, 0);
    const context = contextOf(centre);
    const id = lapsing?.delivery.id ?? '';
    await t.rejects(acknowledgeDelivery(exchange, { context, id, idempotency: newKey() }), {
      code: 'DELIVERY_STATE_CONFLICT',
    });
    await readDelivery(exchange, { context, id });
    await acknowledgeDelivery(exchange, { context, id, idempotency: newKey() });
    await setEndpoint(exchange.ledger, endpoint, 'test');
  },
);

t.test(
  'a type that an endpoint takes no more goes to the inbox, and what waited behind it goes out',
  async (t) => {
    const { client } = await awaitedPerson(exchange, somebody());
    await send(exchange, client, { from: council, to: centre });
    const [record] = deliveriesOf(await publisher(exchange, client)());
    const narrower = { ...endpoint, recordTypes: new Set(['social-care-summary']) };
    await setEndpoint(exchange.ledger, narrower, 'test');
    t.strictSame(await authorise(), []);
    await moveOrphansToInboxes(exchange);
    const [due] = await authorise();
    t.equal(due?.delivery.id, record?.id);
    if (due) await settle(due);
    await setEndpoint(exchange.ledger, endpoint, 'test');
  },
);

t.test('a withdrawal takes effect whatever waits, and then all of that ends', async (t) => {
  const { client, consentId } = await awaitedPerson(exchange, somebody(), [otherCentre]);
  const ids: string[] = [];
  for (let count = 0; count < 60; count += 1) {
    const sent = await send(exchange, client, { from: council, to: otherCentre });
    ids.push(...deliveriesOf(sent).map(({ id }) => id));
  }
  const stateOfAll = async () => {
    const { rows } = await exchange.database.query(
      'select state, count(*) from deliveries where id = any($1::uuid[]) group by state order by state',
      [ids],
    );
    return rows.map(({ state, count }) => [state, Number(count)]);
  };
  await withdrawConsent(exchange, {
    ...{ context: contextOf(council), id: consentId, reason: undefined, idempotency: newKey() },
  });
  t.strictSame(await stateOfAll(), [
    ['refused', 25],
    ['waiting', 35],
  ]);
  await refuseWaiting(exchange);
  t.strictSame(await stateOfAll(), [['refused', 60]]);
  t.match(await reportsAbout(ids.at(-1)), [{ code: 'REFUSED', reason: 'CONSENT_WITHDRAWN' }]);
});
