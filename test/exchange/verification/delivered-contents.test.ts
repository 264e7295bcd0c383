/**
 * Nothing is delivered in a sender's name but what the sender sent, to whom and for what it was sent, however it came
 * into the tables, and left them again.
 */
import t from 'tap';
import { deliveryAuthoriser } from '../../../src/exchange/authorise-deliveries.ts';
import { readDelivery } from '../../../src/exchange/inbox.ts';
import { listInbox } from '../../../src/exchange/list-inbox.ts';
import { retractRecord } from '../../../src/exchange/publish-record.ts';
import { suspendParticipant } from '../../../src/participants/suspend-participant.ts';
import { centre, council, hospital, otherCentre } from '../../support/builders.ts';
import { handDelivered } from '../../support/hand-delivered.ts';
import { ledgerFindings } from '../../support/ledger-findings.ts';
import { somebody } from '../../support/nhs-numbers.ts';
import { awaitedPerson, publisher, relayAgreement, send } from '../../support/relay.ts';
import { contextOf, newKey, tamperedExchange, verifier } from '../../support/test-exchange.ts';

const unsent =
  'entry: what it delivered is nothing that entries published, or sent to its recipient';

async function withMessage(t: Parameters<typeof tamperedExchange>[0], reader = otherCentre) {
  const exchange = await tamperedExchange(t, relayAgreement());
  const { traced } = await awaitedPerson(exchange, somebody());
  await send(exchange, traced, { to: otherCentre });
  return {
    owner: exchange.owner,
    findings: () => ledgerFindings(exchange, verifier),
    readAll: async () => {
      const context = contextOf(reader);
      const { deliveries } = await listInbox(exchange, { context, limit: 10 });
      for (const { id } of deliveries) await readDelivery(exchange, { context, id });
      return deliveries.length;
    },
  };
}

t.test('finds nothing in a message that its sender sent, read as often as one likes', async (t) => {
  const { readAll, findings } = await withMessage(t);
  t.equal(await readAll(), 1);
  await readAll();
  t.same(await findings(), []);
});

t.test('finds a message whose text was another while it was read', async (t) => {
  const { owner, readAll, findings } = await withMessage(t);
  await owner.query(`create table saved as table messages;
    update messages set sections = translate(sections, 'aeiou', 'eioua')`);
  await readAll();
  await owner.query('update messages m set sections = s.sections from saved s where s.id = m.id');
  t.same(await findings(), [unsent]);
});

t.test('finds a message that nobody sent', async (t) => {
  const { owner, readAll, findings } = await withMessage(t);
  const forged = '00000000-0000-4000-8000-000000000000';
  await owner.query(`create table forged as table messages;
    update forged set id = '${forged}', as_at = '2026-11-01T00:00:00Z'; insert into messages table forged;
    create table forged_delivery as table deliveries;
    update forged_delivery set id = '${forged}', message_id = '${forged}', sequence = sequence + 1, position = position + 1;
    insert into deliveries overriding system value table forged_delivery`);
  t.equal(await readAll(), 2);
  await owner.query(`delete from delivery_receipts where delivery_id = '${forged}';
    delete from deliveries where id = '${forged}'; delete from messages where id = '${forged}'`);
  t.same(await findings(), [unsent]);
});

t.test('finds a message that was read as one for another purpose', async (t) => {
  const { owner, readAll, findings } = await withMessage(t);
  await owner.query(`update messages set purpose = 'CAREMGT'`);
  await readAll();
  await owner.query(`update messages set purpose = 'TREAT'`);
  t.same(await findings(), ['entry: the message that it delivered was sent for another purpose']);
});

t.test('finds a message that somebody read to whom it was not sent', async (t) => {
  const { owner, readAll, findings } = await withMessage(t, hospital);
  await owner.query(`create table saved as table deliveries;
    update deliveries set recipient = '${hospital}'`);
  t.equal(await readAll(), 1);
  await owner.query(`delete from delivery_receipts;
    update deliveries d set recipient = s.recipient, reads = s.reads from saved s where s.id = d.id`);
  t.same(await findings(), [unsent]);
});

t.test('finds a version that was delivered although it had been taken back', async (t) => {
  const exchange = await tamperedExchange(t, relayAgreement());
  const { client } = await awaitedPerson(exchange, somebody());
  await publisher(exchange, client)();
  await retractRecord(exchange, {
    ...{ context: contextOf(council), client, recordType: 'social-care-summary' },
    ...{ reason: 'another person', idempotency: newKey() },
  });
  await exchange.owner.query("update deliveries set state = 'waiting' where kind = 'record'");
  const { id } = await exchange.owner
    .query<{ id: string }>("select id from deliveries where kind = 'record'")
    .then(({ rows: [row] }) => row ?? { id: '' });
  const read = await readDelivery(exchange, { context: contextOf(centre), id });
  t.match(read.body, /"sections":\{"person"/);
  t.same(await ledgerFindings(exchange, verifier), [unsent]);
});

t.test('finds a push to an organisation that was suspended', async (t) => {
  const exchange = await tamperedExchange(t, relayAgreement());
  const { authorise } = await handDelivered(exchange);
  const { client } = await awaitedPerson(exchange, somebody());
  await publisher(exchange, client)();
  await suspendParticipant(exchange.ledger, centre, 'test');
  t.same(await authorise(), [], 'nothing is due to it');
  const setStatus = (status: string) =>
    exchange.owner.query(
      `update participants set status = '${status}' where ods_code = '${centre}'`,
    );
  await setStatus('active');
  t.equal((await authorise()).length, 1);
  await setStatus('suspended');
  t.same(await ledgerFindings(exchange, verifier), ['entry: its organisation was suspended']);
});

t.test('finds a push to an endpoint that was another for a while', async (t) => {
  const exchange = await tamperedExchange(t, relayAgreement());
  const { owner } = exchange;
  const findings = () => ledgerFindings(exchange, verifier);
  const { authorise, settle, endpoint } = await handDelivered(exchange);
  const { client } = await awaitedPerson(exchange, somebody());
  const publishNext = publisher(exchange, client);
  await publishNext();
  for (const one of await authorise()) await settle(one);
  t.same(await findings(), [], 'not to the one that was set');
  await publishNext();
  const elsewhere = { ...endpoint, url: 'https://localhost:2/deliveries' };
  await owner.query(`update endpoints set url = '${elsewhere.url}'`);
  const { deliveries } = await deliveryAuthoriser(exchange)(
    new Map([[centre, { endpoint: elsewhere, free: 10 }]]),
  );
  t.equal(deliveries.length, 1);
  await owner.query(`update endpoints set url = '${endpoint.url}'`);
  t.same(await findings(), [
    'entry: the endpoint that it was sent to is not the one that an entry set last',
  ]);
});
