/** What auditors read of the ledger, and that reading is recorded. */
import t from 'tap';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { readEvent, searchEvents } from '../../src/exchange/read-audit.ts';
import { knownPerson, register, trace } from '../support/borough.ts';
import { auditor, centre } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { contextOf, pullOf, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t);
const pull = recordPuller(exchange);

t.test('auditors follow a person without knowing who it is, and reading is recorded', async (t) => {
  const { traced, client } = await knownPerson(exchange, somebody());
  await pull(pullOf(centre, traced));
  const context = contextOf(auditor);
  const newest = await searchEvents(exchange, { context, filter: {}, limit: 5 });
  const events = newest.body['events'] as readonly Record<string, unknown>[];
  const disclosed = events.find(({ action }) => action === 'record.disclosed');
  t.equal(disclosed?.['outcome'], 'permitted');
  const auditors = String(disclosed?.['client']);
  t.match(auditors, /^c_/);
  t.notOk([traced, client].includes(auditors), 'by an id of the auditor’s own');
  const followed = await searchEvents(exchange, {
    context,
    filter: { client: auditors },
    limit: 2,
  });
  const first = followed.body['events'] as readonly Record<string, unknown>[];
  t.equal(first.length, 2);
  const more = await searchEvents(exchange, {
    context,
    filter: { client: auditors },
    limit: 50,
    after: String(followed.body['next']),
  });
  const rest = more.body['events'] as readonly Record<string, unknown>[];
  t.ok(
    rest.some(({ action }) => action === 'client.registered'),
    'back to the beginning',
  );
  const one = await readEvent(exchange, { context, index: Number(disclosed?.['index']) });
  t.equal(one.body['id'], disclosed?.['id']);
  const reads = await searchEvents(exchange, {
    context,
    filter: { action: 'audit.read' },
    limit: 50,
  });
  t.ok((reads.body['events'] as unknown[]).length >= 4);
  await t.rejects(searchEvents(exchange, { context: contextOf(centre), filter: {}, limit: 1 }), {
    code: 'NO_SHARING_AGREEMENT',
  });
});

t.test('refusals are in the ledger with their exact reason', async (t) => {
  const one = somebody();
  await register(exchange, one);
  await t.rejects(trace(exchange, centre, { ...one, birthDate: '1900-01-01' }));
  const found = await searchEvents(exchange, {
    context: contextOf(auditor),
    filter: { reason: 'IDENTITY_MISMATCH', organisation: centre, outcome: 'refused' },
    limit: 1,
  });
  const [event] = found.body['events'] as readonly Record<string, unknown>[];
  t.equal(event?.['action'], 'client.traced');
});
