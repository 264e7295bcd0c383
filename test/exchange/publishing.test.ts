/** Records are written by their custodian alone, from the version that was read, and once. */
import t from 'tap';
import { endSharingAgreement } from '../../src/agreements/roll-out-agreement.ts';
import { tidy } from '../../src/exchange/housekeeping.ts';
import { publishRecord, retractRecord } from '../../src/exchange/publish-record.ts';
import { recordConsent } from '../../src/exchange/record-consent.ts';
import { knownPerson, publish, register } from '../support/borough.ts';
import { agreement, centre, consent, council, summary } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { contextOf, newKey, recordOf, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t);

t.test('a record is updated only from the version that was read', async (t) => {
  const client = await register(exchange, somebody());
  const first = await publish(exchange, client);
  t.equal(first.status, 201);
  await t.rejects(publish(exchange, client), { code: 'PRECONDITION_FAILED' });
  const matches = { kind: 'matches' as const, etags: [first.etag ?? ''] };
  const second = await publish(exchange, client, { precondition: matches });
  t.equal(second.status, 200);
  t.equal(second.body['version'], 2);
  await t.rejects(publish(exchange, client, { precondition: matches }), {
    code: 'PRECONDITION_FAILED',
  });
  await t.rejects(publish(exchange, client, { organisation: centre }), {
    code: 'RESOURCE_NOT_FOUND',
  });
});

t.test('a repetition under the same key is answered with the receipt, and done once', async (t) => {
  const client = await register(exchange, somebody());
  const request = firstPublication(client);
  const first = await publishRecord(exchange, request);
  const again = await publishRecord(exchange, request);
  t.strictSame(again, first);
  await t.rejects(
    publishRecord(exchange, {
      ...request,
      idempotency: { ...request.idempotency, bodyMac: 'another body' },
    }),
    { code: 'IDEMPOTENCY_MISMATCH' },
  );
  const { rows } = await exchange.owner.query<{ person: string; reasons: string[] }>(
    'select person_id as person, reasons from ledger_events order by index desc limit 1',
  );
  t.match(rows, [{ person: /^[0-9a-f-]{36}$/, reasons: ['IDEMPOTENCY_MISMATCH'] }]);
  const twins = newKey('put');
  const [a, b] = await Promise.all([agreeWith(client, twins), agreeWith(client, twins)]);
  t.equal(a.body['id'], b.body['id'], 'also when both come at once');
});

function agreeWith(client: string, idempotency: ReturnType<typeof newKey>) {
  const context = contextOf(council);
  return recordConsent(exchange, { context, client, consent: consent(), idempotency });
}

t.test('a repetition is answered although nothing may be published any more', async (t) => {
  const local = await testExchange(t);
  const request = firstPublication(await register(local, somebody()));
  const first = await publishRecord(local, request);
  await endSharingAgreement(local.ledger, agreement().id, 'an operator');
  t.strictSame(await publishRecord(local, request), first);
  await t.rejects(publishRecord(local, { ...request, idempotency: newKey('put') }), {
    code: 'NO_SHARING_AGREEMENT',
  });
});

function firstPublication(client: string) {
  return {
    context: contextOf(council),
    client,
    recordType: 'social-care-summary',
    record: recordOf(summary(), exchange.clock.now()),
    digest: 'sha-256=:AAAA:',
    precondition: { kind: 'absent' as const },
    idempotency: newKey('put'),
  };
}

t.test('a record that was taken back can be published again', async (t) => {
  const client = await register(exchange, somebody());
  await publish(exchange, client);
  await retractRecord(exchange, {
    context: contextOf(council),
    client,
    recordType: 'social-care-summary',
    reason: 'wrong-person',
    idempotency: newKey(),
  });
  const again = await publish(exchange, client);
  t.equal(again.status, 201);
  t.equal(again.body['version'], 3, 'and its history is kept');
});

t.test(
  'who is no publisher publishes nothing, under its own id for the person either',
  async (t) => {
    const { traced } = await knownPerson(exchange, somebody());
    await t.rejects(publish(exchange, traced, { organisation: centre }), {
      code: 'NO_SHARING_AGREEMENT',
    });
  },
);

t.test('a key counts for twenty-four hours, and is forgotten afterwards', async (t) => {
  const local = await testExchange(t);
  const client = await register(local);
  const idempotency = newKey('consents');
  const record = () =>
    recordConsent(local, { context: contextOf(council), client, consent: consent(), idempotency });
  const first = await record();
  local.clock.advance(24 * 3_600_000 - 1);
  t.equal((await record()).body['id'], first.body['id']);
  local.clock.advance(1);
  t.not((await record()).body['id'], first.body['id'], 'also where nobody has tidied up yet');
  await local.owner.query(`
insert into idempotency_keys (organisation, route, key, body_mac, reply, at)
select 'X', 'r', n::text, '', '{}', '2020-01-01' from generate_series(1, 2500) as n`);
  await tidy(local.database, local.clock.now());
  const { rows } = await local.database.query('select from idempotency_keys');
  t.equal(rows.length, 1, 'however many there are');
});
