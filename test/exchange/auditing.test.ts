/** What auditors read of the ledger, and that reading is recorded. */
import t from 'tap';
import type { Queryable } from '../../src/database/queryable.ts';
import type { Exchange } from '../../src/exchange/exchange.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { readEvent, searchEvents } from '../../src/exchange/read-audit.ts';
import { findEvents } from '../../src/ledger/event-store.ts';
import { ledgerEvent } from '../../src/ledger/ledger-event.ts';
import { knownPerson, register, trace } from '../support/borough.ts';
import { auditor, centre } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { contextOf, pullOf, tamperedExchange } from '../support/test-exchange.ts';

const exchange = await tamperedExchange(t);
const pull = recordPuller(exchange);
const context = contextOf(auditor);

/** Entries that a search finds by their organisation. */
function append(organisation: string, number: number): Promise<number> {
  return exchange.ledger.write(async () => ({
    events: Array.from({ length: number }, () =>
      ledgerEvent({ action: 'door.refused', outcome: 'refused', organisation }),
    ),
    answer: (index) => index,
  }));
}

/** The exchange, with its searches going through `before` first. */
function searching(before: () => Promise<unknown>): Exchange {
  const database: Queryable = {
    async query(...query) {
      await before();
      return exchange.database.query(...query);
    },
  };
  return { ...exchange, database };
}

function failing(code: string): Exchange {
  return searching(() => Promise.reject(Object.assign(new Error('failed'), { code })));
}

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
  await t.rejects(
    searchEvents(exchange, {
      ...{ context, filter: { client: auditors, outcome: 'refused' }, limit: 50 },
      after: String(followed.body['next']),
    }),
    { code: 'CURSOR_INVALID' },
    'a cursor goes on with its own question',
  );
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

t.test('pages of two hundred lose no event', async (t) => {
  const first = await append('X99', 450);
  const indexes: number[] = [];
  let after: string | undefined;
  do {
    const { body } = await searchEvents(exchange, {
      ...{ context, filter: { organisation: 'X99' }, limit: 200 },
      ...(after !== undefined && { after }),
    });
    const events = body['events'] as readonly { index: number }[];
    indexes.push(...events.map(({ index }) => index));
    after = body['next'] === null ? undefined : String(body['next']);
  } while (after !== undefined);
  t.same(
    indexes,
    Array.from({ length: 450 }, (_, i) => first + 449 - i),
  );
});

t.test('a search holds nobody up, and shows nothing newer than the entry for it', async (t) => {
  let written = 0;
  const slow = searching(async () => {
    written = await append('X98', 1);
  });
  const { body, ledgerIndex } = await searchEvents(slow, { context, filter: {}, limit: 10 });
  t.ok(written > ledgerIndex, 'somebody else’s entry was committed while it searched');
  const [newest] = body['events'] as readonly { index: number }[];
  t.equal(newest?.index, ledgerIndex - 1);
  t.equal(body['ledgerIndex'], ledgerIndex);
  const one = await readEvent(slow, { context, index: ledgerIndex });
  t.match(one.body, { action: 'audit.read', index: ledgerIndex });
});

t.test('a search that takes too long is told to be narrower', async (t) => {
  const request = { context, filter: {}, limit: 1 };
  await t.rejects(searchEvents(failing('57014'), request), {
    code: 'TOO_BUSY',
    message: /[Nn]arrow/,
  });
  await t.rejects(searchEvents(failing('ECONNREFUSED'), request), { code: 'LEDGER_UNAVAILABLE' });
});

t.test('asking for an event that is not there is recorded as refused', async (t) => {
  const missing = { code: 'RESOURCE_NOT_FOUND', reasonCodes: ['EVENT_UNKNOWN'] };
  await t.rejects(readEvent(exchange, { context, index: 1_000_000 }), missing);
  await t.rejects(readEvent(exchange, { context, index: 0, log: 2 }), missing);
  const [event] = await findEvents(exchange.owner, {}, { limit: 1 });
  t.match(event?.payload, {
    action: 'audit.read',
    outcome: 'refused',
    particulars: { index: 0, log: 2 },
    reasonCodes: ['EVENT_UNKNOWN'],
  });
});

t.test('payloads that are put over the end of a batch are not believed', async (t) => {
  const first = await append('X96', 3);
  const read = (index: number) => readEvent(exchange, { context, index });
  t.match((await read(first + 2)).body, { organisation: 'X96' });
  // as whoever has the gateway's own login could
  await exchange.database.query(
    `insert into ledger_payloads (log, first_index, commitment_keys, payloads)
      select log, $1::bigint, commitment_keys, replace(payloads, 'X96', 'X95') from ledger_payloads
      where first_index = $2::bigint`,
    [first + 1, first],
  );
  const unreadable = { code: 'LEDGER_UNAVAILABLE', message: /run `jetway ledger verify`/ };
  await t.rejects(read(first + 2), unreadable);
  await t.rejects(
    searchEvents(exchange, { context, filter: { organisation: 'X96' }, limit: 9 }),
    unreadable,
  );
  t.match((await read(first)).body, { organisation: 'X96' }, 'what stands before it can be read');
});
