/** Records are written by their custodian alone, from the version that was read, and once. */
import t from 'tap';
import { publishRecord } from '../../src/exchange/publish-record.ts';
import { recordConsent } from '../../src/exchange/record-consent.ts';
import { publish, register } from '../support/borough.ts';
import { centre, consent, council, summary } from '../support/builders.ts';
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
  const request = {
    context: contextOf(council),
    client,
    recordType: 'social-care-summary',
    record: recordOf(summary(), exchange.clock.now()),
    digest: 'sha-256=:AAAA:',
    precondition: { kind: 'absent' as const },
    idempotency: newKey('put'),
  };
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
  const twins = newKey('put');
  const [a, b] = await Promise.all([agreeWith(client, twins), agreeWith(client, twins)]);
  t.equal(a.body['id'], b.body['id'], 'also when both come at once');
});

function agreeWith(client: string, idempotency: ReturnType<typeof newKey>) {
  const context = contextOf(council);
  return recordConsent(exchange, { context, client, consent: consent(), idempotency });
}
