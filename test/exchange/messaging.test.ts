/** Messages reach their one addressee, who reads, acknowledges and answers them; senders follow what became of them. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { answerDelivery, type DeliveryAnswer } from '../../src/exchange/answer-message.ts';
import { acknowledgeDelivery, readDelivery } from '../../src/exchange/inbox.ts';
import { listConsents } from '../../src/exchange/list-consents.ts';
import { listInbox } from '../../src/exchange/list-inbox.ts';
import { retractRecord } from '../../src/exchange/publish-record.ts';
import { withdrawConsent } from '../../src/exchange/record-consent.ts';
import { trackDeliveries, trackDelivery } from '../../src/exchange/track-deliveries.ts';
import { agree, state, trace } from '../support/borough.ts';
import { benefits, centre, council, otherCentre } from '../support/builders.ts';
import { nextNumber, somebody } from '../support/nhs-numbers.ts';
import {
  awaitedPerson,
  message as messageOf,
  publisher,
  relayAgreement,
  send,
} from '../support/relay.ts';
import { contextOf, newKey, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t, relayAgreement());
const dayMs = 86_400_000;

function assertionOf(role: string, purpose: string) {
  const issuedAt = exchange.clock.now();
  const expiresAt = new Date(issuedAt.getTime() + 300_000);
  const who = { subject: 'u-1', name: 'A user', jti: randomUUID(), kid: 'k' };
  return { ...who, role, purpose, issuedAt, expiresAt };
}

async function inboxOf(odsCode: string): Promise<string[]> {
  const { deliveries } = await listInbox(exchange, { context: contextOf(odsCode), limit: 200 });
  return deliveries.map(({ id }) => id);
}

async function read(odsCode: string, id: string) {
  const { body, ledgerIndex } = await readDelivery(exchange, { context: contextOf(odsCode), id });
  return { ...JSON.parse(body), ledgerIndex };
}

const acknowledge = (odsCode: string, id: string) =>
  acknowledgeDelivery(exchange, { context: contextOf(odsCode), id, idempotency: newKey() });

const answer = (odsCode: string, id: string, said: DeliveryAnswer) =>
  answerDelivery(exchange, {
    context: contextOf(odsCode),
    id,
    answer: said,
    idempotency: newKey(),
  });

function deliveryOf({ body }: { body: Readonly<Record<string, unknown>> }): string {
  const { deliveries } = body;
  return Array.isArray(deliveries) ? String(deliveries[0]?.id) : '';
}

async function receiptsOf(odsCode: string, id: string) {
  const { receipts } = await trackDelivery(exchange, { context: contextOf(odsCode), id });
  return Array.isArray(receipts) ? receipts : [];
}

t.test(
  'a referral is kept for its addressee until it is acknowledged, section by section as it came',
  async (t) => {
    const { traced } = await awaitedPerson(exchange, somebody());
    const receipt = await send(exchange, traced);
    t.equal(receipt.status, 202);
    const id = deliveryOf(receipt);
    t.ok((await inboxOf(council)).includes(id));
    const message = await read(council, id);
    t.match(message, {
      delivery: id,
      kind: 'message',
      message: receipt.body['message'],
      sequence: 1,
    });
    const sent = messageOf('referral');
    for (const name of Object.keys(message.sections))
      t.same(message.sections[name], sent.sections[name]);
    t.ok((await inboxOf(council)).includes(id), 'read, and given again');
    await acknowledge(council, id);
    t.notOk((await inboxOf(council)).includes(id));
    await acknowledge(council, id);
    await t.rejects(read(council, id), { code: 'DELIVERY_ENDED' });
    const receipts = await receiptsOf(centre, id);
    t.strictSame(
      receipts.map((one) => one.receipt),
      ['accepted', 'read', 'delivered'],
    );
    t.ok(receipts.every(({ ledgerIndex }) => Number.isInteger(ledgerIndex)));
  },
);

t.test(
  'what was not read cannot be acknowledged, and what is another’s is not there',
  async (t) => {
    const { traced } = await awaitedPerson(exchange, somebody());
    const id = deliveryOf(await send(exchange, traced));
    await t.rejects(acknowledge(council, id), { code: 'DELIVERY_STATE_CONFLICT' });
    for (const other of [otherCentre, benefits, centre]) {
      await t.rejects(read(other, id), { code: 'RESOURCE_NOT_FOUND' });
      await t.rejects(acknowledge(other, id), { code: 'RESOURCE_NOT_FOUND' });
    }
    await t.rejects(trackDelivery(exchange, { context: contextOf(council), id }), {
      code: 'RESOURCE_NOT_FOUND',
    });
  },
);

t.test('an answer goes back to the sender and closes the message', async (t) => {
  const { traced } = await awaitedPerson(exchange, somebody());
  const id = deliveryOf(await send(exchange, traced));
  await t.rejects(answer(council, id, { status: 'accepted' }), { code: 'DELIVERY_STATE_CONFLICT' });
  await read(council, id);
  await answer(council, id, { status: 'accepted', reference: 'ASC-4711' });
  await t.rejects(answer(council, id, { status: 'rejected', reason: 'duplicate' }), {
    code: 'DELIVERY_STATE_CONFLICT',
  });
  await answer(council, id, { status: 'done' });
  await t.rejects(answer(council, id, { status: 'done' }), { code: 'DELIVERY_STATE_CONFLICT' });
  const answers = [];
  for (const one of await inboxOf(centre)) answers.push(await read(centre, one));
  t.match(
    answers.filter(({ about }) => about.delivery === id),
    [
      { kind: 'answer', client: traced, status: 'accepted', reference: 'ASC-4711' },
      { kind: 'answer', status: 'done' },
    ],
  );
  const receipts = await receiptsOf(centre, id);
  t.strictSame(
    receipts.map((one) => one.receipt),
    ['accepted', 'read', 'answered', 'acted-on'],
  );
});

t.test(
  'an addressee that knows the person under no id gets one that opens nothing else',
  async (t) => {
    const who = somebody();
    const { client } = await awaitedPerson(exchange, who);
    const id = deliveryOf(await send(exchange, client, { from: council, to: otherCentre }));
    const message = await read(otherCentre, id);
    t.match(message.client, /^c_/);
    t.not(message.client, client);
    t.equal(await trace(exchange, otherCentre, who), message.client, 'a trace gives the same');
  },
);

t.test('who was only sent something about a person has no say over their consents', async (t) => {
  const { client, consentId } = await awaitedPerson(exchange, somebody());
  const id = deliveryOf(await send(exchange, client, { from: council, to: otherCentre }));
  const { client: own } = await read(otherCentre, id);
  const context = contextOf(otherCentre);
  await t.rejects(listConsents(exchange, { context, client: own }), { code: 'TRACE_STALE' });
  const withdrawal = { id: consentId, reason: undefined, idempotency: newKey() };
  await t.rejects(withdrawConsent(exchange, { context, ...withdrawal }), { code: 'TRACE_STALE' });
  t.ok(deliveryOf(await send(exchange, client, { from: council })), 'the consent stands');
});

t.test(
  'a message is refused where no agreement, trace, purpose or consent stands for it',
  async (t) => {
    const { traced, consentId } = await awaitedPerson(exchange, somebody());
    await t.rejects(send(exchange, traced, { to: benefits }), { code: 'NO_SHARING_AGREEMENT' });
    await t.rejects(send(exchange, 'c_unknown'), { code: 'RESOURCE_NOT_FOUND' });
    await withdrawConsent(exchange, {
      ...{ context: contextOf(council), id: consentId, reason: undefined, idempotency: newKey() },
    });
    const before = await exchange.database.query('select from messages');
    await t.rejects(send(exchange, traced), { code: 'CONSENT_WITHDRAWN' });
    const after = await exchange.database.query('select from messages');
    t.equal(after.rowCount, before.rowCount, 'and nothing of it is kept');
    exchange.clock.advance(91 * dayMs);
    await t.rejects(send(exchange, traced), { code: 'TRACE_STALE' });
  },
);

t.test(
  'what may not leave any more when it is read is refused there, and its sender is told',
  async (t) => {
    const { client, traced } = await awaitedPerson(exchange, somebody());
    const id = deliveryOf(await send(exchange, traced));
    await state(exchange, client, { deceasedDate: '2026-11-01' });
    await t.rejects(read(council, id), { code: 'PERSON_DECEASED' });
    await t.rejects(read(council, id), { code: 'DELIVERY_ENDED' });
    const tracked = await trackDelivery(exchange, { context: contextOf(centre), id });
    t.match(tracked, { state: 'refused', lastFailure: 'PERSON_DECEASED' });
  },
);

t.test('who may not read a delivery in one role leaves it for who may', async (t) => {
  const { client, traced } = await awaitedPerson(exchange, somebody());
  const id = deliveryOf(await send(exchange, traced));
  const readAs = (role: string, purpose = 'TREAT') => {
    const context = contextOf(council, { assertion: assertionOf(role, purpose) });
    return readDelivery(exchange, { context, id });
  };
  await t.rejects(
    readAs('gardener'),
    { code: 'NO_SHARING_AGREEMENT' },
    'a role that no agreement has',
  );
  await t.rejects(readAs('gp', 'HRESCH'), { code: 'NO_SHARING_AGREEMENT' }, 'another purpose');
  const other = await agree(exchange, client);
  await withdrawConsent(exchange, {
    ...{ context: contextOf(council), id: String(other.body['id']), reason: undefined },
    idempotency: newKey(),
  });
  t.match(JSON.parse((await readAs('gp')).body), { kind: 'message', delivery: id });
});

t.test(
  'a record that waits while its reader’s trace grows old is there after the next trace',
  async (t) => {
    const who = somebody();
    const local = await testExchange(t, relayAgreement({ traceFreshnessDays: 1 }));
    const { client } = await awaitedPerson(local, who);
    const receipt = await publisher(local, client)();
    const id = deliveryOf(receipt);
    local.clock.advance(dayMs);
    const context = contextOf(centre);
    await t.rejects(readDelivery(local, { context, id }), { code: 'TRACE_STALE' });
    await trace(local, centre, who);
    t.match(JSON.parse((await readDelivery(local, { context, id })).body), { kind: 'record' });
  },
);

t.test('an agreement that asks for users delivers to inboxes, and to users alone', async (t) => {
  const local = await testExchange(t, relayAgreement({ userAssertion: 'required' }));
  const { traced } = await awaitedPerson(local, somebody());
  const caller = contextOf(centre, { assertion: assertionOf('gp', 'TREAT') });
  const id = deliveryOf(await send(local, traced, { context: caller }));
  await t.rejects(readDelivery(local, { context: contextOf(council), id }), {
    code: 'ASSERTION_NEEDED',
  });
  const context = contextOf(council, { assertion: assertionOf('gp', 'TREAT') });
  t.match(JSON.parse((await readDelivery(local, { context, id })).body), { delivery: id });
});

t.test('an answer that is repeated under its key is answered as it was', async (t) => {
  const { traced } = await awaitedPerson(exchange, somebody());
  const id = deliveryOf(await send(exchange, traced));
  await read(council, id);
  const said = { context: contextOf(council), id, answer: { status: 'done' as const } };
  const idempotency = newKey();
  const first = await answerDelivery(exchange, { ...said, idempotency });
  t.strictSame(await answerDelivery(exchange, { ...said, idempotency }), first);
});

t.test('senders search what they sent, page by page', async (t) => {
  const { client } = await awaitedPerson(exchange, somebody(), [centre, otherCentre]);
  const next = publisher(exchange, client);
  await next();
  await next();
  await retractRecord(exchange, {
    ...{ context: contextOf(council), client, recordType: 'social-care-summary' },
    ...{ reason: 'wrong-person', idempotency: newKey() },
  });
  const context = contextOf(council);
  const ask = (filter: object, after?: string) =>
    trackDeliveries(exchange, {
      context,
      filter: { client, ...filter },
      limit: 3,
      ...(after && { after }),
    });
  const first = await ask({});
  t.equal(first.deliveries.length, 3);
  const second = await ask({}, first.next ?? '');
  t.equal(second.next, null);
  t.equal(new Set([...first.deliveries, ...second.deliveries].map((one) => one['id'])).size, 4);
  const cancelled = await ask({ state: 'cancelled', recipient: otherCentre });
  t.equal(cancelled.deliveries.length, 1);
  await t.rejects(ask({}, 'forged'), { code: 'CURSOR_INVALID' });
  await t.rejects(ask({ state: 'waiting' }, first.next ?? ''), { code: 'CURSOR_INVALID' });
  await t.rejects(ask({ client: `c_${nextNumber()}` }), { code: 'RESOURCE_NOT_FOUND' });
});
