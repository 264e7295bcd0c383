/** What is published or sent is delivered in order and decided at each attempt, or its sender is told why not. */
import t from 'tap';
import { findLinks } from '../../src/clients/link-store.ts';
import { takeSequences } from '../../src/deliveries/outbox-store.ts';
import { retractRecord } from '../../src/exchange/publish-record.ts';
import { withdrawConsent } from '../../src/exchange/record-consent.ts';
import { redeliver } from '../../src/exchange/rerun-delivery.ts';
import { traceClient } from '../../src/exchange/trace-client.ts';
import { centre, council, identity } from '../support/builders.ts';
import { deliveriesOf, handDelivered } from '../support/hand-delivered.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { awaitedPerson, publisher, relayAgreement, send } from '../support/relay.ts';
import { contextOf, newKey, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t, relayAgreement());
const { authorise, reportsAbout, settle, settleAll, track } = await handDelivered(exchange);

t.test(
  'a record is delivered to whoever receives and traced the person, and to nobody else',
  async (t) => {
    const { client, traced } = await awaitedPerson(exchange, somebody());
    const receipt = await publisher(exchange, client)();
    const [delivery, ...others] = deliveriesOf(receipt);
    t.equal(delivery?.recipient, centre);
    t.strictSame(others, [], 'the other centre did not trace the person');
    const [authorised] = await authorise();
    if (!authorised) throw new Error('nothing was due');
    const sent = JSON.parse(authorised.payload.text);
    t.equal(sent.delivery, delivery?.id);
    t.equal(sent.client, traced, 'the recipient’s own id');
    t.equal(sent.sequence, 1);
    t.strictSame(Object.keys(sent.sections), ['person', 'localAuthority', 'servicesAndCare']);
    t.strictSame(await authorise(), [], 'and nobody else has it while the attempt is under way');
    await settle(authorised);
    const { state, receipts } = await track(delivery?.id);
    t.equal(state, 'delivered');
    const names = Array.isArray(receipts) && receipts.map(({ receipt }) => receipt);
    t.strictSame(names, ['accepted', 'delivered']);
  },
);

t.test(
  'whoever claims no relationship is sent no record on the strength of its sender',
  async (t) => {
    const one = somebody();
    const { client } = await awaitedPerson(exchange, one, []);
    const { relationship: _, ...unclaimed } = identity(one);
    await traceClient(exchange, { context: contextOf(centre), trace: unclaimed });
    const [delivery] = deliveriesOf(await publisher(exchange, client)());
    t.strictSame(await authorise(), []);
    t.match(await track(delivery?.id), { state: 'refused' });
    const { rows } = await exchange.database.query(
      "select reasons from ledger_events where action = 'delivery.authorised' order by index desc limit 1",
    );
    t.strictSame(rows, [{ reasons: ['NO_LEGITIMATE_RELATIONSHIP'] }]);
  },
);

t.test('what fails is tried again later, with the same id and not before its time', async (t) => {
  const { client } = await awaitedPerson(exchange, somebody());
  await publisher(exchange, client)();
  const [first] = await authorise();
  if (!first) throw new Error('nothing was due');
  await settle(first, { kind: 'failed', code: 'ENDPOINT_FAILED', afterMs: 5_000 });
  exchange.clock.advance(4_999);
  t.strictSame(await authorise(), []);
  exchange.clock.advance(1);
  const [second] = await authorise();
  t.equal(second?.delivery.id, first.delivery.id);
  t.equal(second?.delivery.attempt, 2);
  await settleAll();
});

t.test(
  'an attempt that nobody settles is taken over, and its late outcome counts all the same',
  async (t) => {
    const { client } = await awaitedPerson(exchange, somebody());
    await publisher(exchange, client)();
    const [first] = await authorise();
    if (!first) throw new Error('nothing was due');
    exchange.clock.advance(29_999);
    t.strictSame(await authorise(), [], 'its lease lasts by the ledger’s time');
    exchange.clock.advance(1);
    const [second] = await authorise();
    if (!second) throw new Error('the attempt was not taken over');
    await settle(first, { kind: 'failed', code: 'ENDPOINT_FAILED' });
    t.match(await track(first.delivery.id), { state: 'authorised' }, 'the second goes on');
    await settle(first);
    t.match(await track(first.delivery.id), { state: 'delivered' });
    await settle(second, { kind: 'rejected', code: 'ENDPOINT_REJECTED' });
    t.match(await track(first.delivery.id), { state: 'delivered' }, 'and stays so');
  },
);

t.test(
  'a newer version takes the place of one that waits, and of one under way that fails',
  async (t) => {
    const { client } = await awaitedPerson(exchange, somebody());
    const next = publisher(exchange, client);
    const [first] = deliveriesOf(await next());
    const [second] = deliveriesOf(await next());
    t.match(await track(first?.id), { state: 'superseded' });
    const [attempt] = await authorise();
    t.equal(attempt?.delivery.id, second?.id);
    const [third] = deliveriesOf(await next());
    t.strictSame(await authorise(), [], 'the newer waits while the older is under way');
    if (attempt) await settle(attempt, { kind: 'failed', code: 'ENDPOINT_FAILED' });
    t.match(await track(second?.id), { state: 'superseded' });
    const [last] = await authorise();
    t.equal(last?.delivery.id, third?.id);
    t.equal(last?.delivery.sequence, 3);
    if (last) await settle(last);
  },
);

t.test('where versions do not supersede each other, each is delivered, in order', async (t) => {
  const every = { ...exchange, deliveries: { ...exchange.deliveries, supersede: false } };
  const { client } = await awaitedPerson(every, somebody());
  const next = publisher(every, client);
  const ids = [deliveriesOf(await next()), deliveriesOf(await next())].map(([one]) => one?.id);
  const [first, ...others] = await authorise();
  t.equal(first?.delivery.id, ids[0]);
  t.strictSame(others, [], 'the second waits for the first');
  if (first) await settle(first);
  const [second] = await authorise();
  t.equal(second?.delivery.id, ids[1]);
  if (second) await settle(second);
});

t.test('one person’s deliveries keep their order, and hold up nobody else’s', async (t) => {
  const [ada, ben] = [
    await awaitedPerson(exchange, somebody()),
    await awaitedPerson(exchange, somebody()),
  ];
  await publisher(exchange, ada.client)();
  await send(exchange, ada.client, { from: council, to: centre });
  const [head] = await authorise(1);
  if (!head) throw new Error('nothing was due');
  t.equal(head.delivery.kind, 'record');
  await settle(head, { kind: 'failed', code: 'ENDPOINT_FAILED', afterMs: 60_000 });
  await publisher(exchange, ben.client)();
  const due = await authorise();
  t.strictSame(
    due.map(({ delivery }) => delivery.personId !== head.delivery.personId),
    [true],
  );
  for (const one of due) await settle(one);
  exchange.clock.advance(60_000);
  const [again, ...others] = await authorise();
  t.equal(again?.delivery.id, head.delivery.id);
  t.strictSame(others, [], 'her message waits behind it');
  if (again) await settle(again);
  const [message] = await authorise();
  t.equal(message?.delivery.kind, 'message');
  t.equal(message?.delivery.sequence, 2);
  await settleAll();
});

t.test(
  'once consent is withdrawn nothing that waits is authorised, and its sender reads why',
  async (t) => {
    const { client, consentId } = await awaitedPerson(exchange, somebody());
    const [delivery] = deliveriesOf(await publisher(exchange, client)());
    const withdrawn = await withdrawConsent(exchange, {
      ...{ context: contextOf(council), id: consentId, reason: undefined, idempotency: newKey() },
    });
    t.strictSame(await authorise(), []);
    const tracked = await track(delivery?.id);
    t.match(tracked, { state: 'refused', lastFailure: 'CONSENT_WITHDRAWN', attempts: 0 });
    const { ledgerIndex } = Array.isArray(tracked['receipts']) && tracked['receipts'].at(-1);
    t.ok(ledgerIndex > withdrawn.ledgerIndex, 'recorded behind the withdrawal');
    t.match(await reportsAbout(delivery?.id), [
      {
        client,
        code: 'REFUSED',
        reason: 'CONSENT_WITHDRAWN',
        about: { kind: 'record', recipient: centre },
      },
    ]);
  },
);

t.test('a record that is taken back is taken back from whoever may have it', async (t) => {
  const { client } = await awaitedPerson(exchange, somebody());
  const next = publisher(exchange, client);
  await next();
  const [first] = await authorise();
  if (first) await settle(first);
  const [waiting] = deliveriesOf(await next());
  const retracted = await retractRecord(exchange, {
    ...{ context: contextOf(council), client, recordType: 'social-care-summary' },
    ...{ reason: 'wrong-person', idempotency: newKey() },
  });
  t.equal(deliveriesOf(retracted).length, 1);
  t.match(await track(waiting?.id), { state: 'cancelled' });
  const [notice] = await authorise();
  t.match(JSON.parse(notice?.payload.text ?? '{}'), {
    ...{ kind: 'retraction', recordType: 'social-care-summary', sender: council },
    ...{ status: 'retracted', reason: 'wrong-person', sequence: 3 },
  });
  if (notice) await settle(notice);
});

t.test('what its recipient rejects ends with one report, and can be delivered again', async (t) => {
  const { client } = await awaitedPerson(exchange, somebody());
  const [delivery] = deliveriesOf(await publisher(exchange, client)());
  const id = delivery?.id ?? '';
  const context = contextOf(council);
  await t.rejects(redeliver(exchange, { context, id, idempotency: newKey() }), {
    code: 'DELIVERY_STATE_CONFLICT',
  });
  const [attempt] = await authorise();
  if (attempt) await settle(attempt, { kind: 'rejected', code: 'ENDPOINT_REJECTED' });
  t.match(await reportsAbout(id), [{ code: 'REJECTED', reason: 'ENDPOINT_REJECTED' }]);
  const idempotency = newKey();
  const rerun = await redeliver(exchange, { context, id, idempotency });
  const [again] = await authorise();
  t.equal(again?.delivery.id, rerun.body['delivery'], 'as a delivery of its own');
  t.equal(again?.delivery.sequence, 2, 'under a number of its own');
  if (again) await settle(again);
  t.match(await track(again?.delivery.id), { state: 'delivered', about: id });
  t.match(await track(id), { state: 'rerun' });
  t.strictSame(await redeliver(exchange, { context, id, idempotency }), rerun, 'once, if repeated');
});

t.test('a recovered log numbers deliveries above all that its predecessor gave', async (t) => {
  const need = { personId: (await awaitedPersonId()).personId, sender: council };
  await exchange.ledger.write(async (tx) => {
    t.strictSame(await takeSequences(tx, 1, [need, need]), [1, 2]);
    t.strictSame(await takeSequences(tx, 2, [need]), [2 ** 32 + 1]);
    t.strictSame(await takeSequences(tx, 2, [need, { ...need, sender: null }]), [
      2 ** 32 + 2,
      2 ** 32 + 1,
    ]);
    return { events: [], answer: () => undefined };
  });
});

async function awaitedPersonId() {
  const { client } = await awaitedPerson(exchange, somebody());
  const link = (await findLinks(exchange.database, [client])).get(client);
  if (!link) throw new Error('nobody is awaited');
  return link;
}
