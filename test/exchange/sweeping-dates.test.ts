/** Dates at which a decision changes without anybody acting: each leaves one entry, and the feed tells of it. */
import t from 'tap';
import { rollOutAgreement } from '../../src/agreements/roll-out-agreement.ts';
import { openDedicatedConnection } from '../../src/database/dedicated-connection.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { evidenceConsent, withdrawConsent } from '../../src/exchange/record-consent.ts';
import { recordOverride } from '../../src/exchange/record-override.ts';
import { standingReader } from '../../src/exchange/standing.ts';
import { dateSweeper } from '../../src/exchange/sweep-dates.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { ledgerTransactions } from '../../src/ledger/ledger-transactions.ts';
import type { Work } from '../../src/ledger/work.ts';
import { agree, knownPerson, publish, register, state, trace } from '../support/borough.ts';
import { agreement, centre, council, summary } from '../support/builders.ts';
import { follow } from '../support/feed-consumer.ts';
import { storedEvents } from '../support/ledger-lines.ts';
import { somebody } from '../support/nhs-numbers.ts';
import {
  contextOf,
  newKey,
  pullOf,
  schemas,
  type TestExchange,
  testExchange,
} from '../support/test-exchange.ts';

const dayMs = 86_400_000;
const start = Date.parse('2026-11-22T10:00:00Z');
const inDays = (days: number) => new Date(start + days * dayMs).toISOString();

interface Swept {
  action: string;
  what: string | null;
  organisation: string | null;
}

/** Entries that sweeping wrote, oldest first. */
async function sweptOf({ owner }: TestExchange): Promise<readonly Swept[]> {
  const stored = await storedEvents(owner);
  return stored
    .filter(({ event: { action } }) => action === 'date.passed' || action === 'consent.lapsed')
    .map(({ event: { action, organisation, particulars } }) => {
      const what = particulars?.['what'];
      return { action, organisation, what: typeof what === 'string' ? what : null };
    });
}

async function whatPassed(exchange: TestExchange): Promise<readonly string[]> {
  return (await sweptOf(exchange)).map(({ action, what }) => what ?? action);
}

const withdraw = (exchange: TestExchange, id: unknown) =>
  withdrawConsent(exchange, {
    ...{ context: contextOf(council), id: String(id), reason: 'asked to' },
    idempotency: newKey(),
  });

/** Registered, stated, published, traced; nobody agreed to anything. */
async function somebodyKnown(exchange: TestExchange, changes: Parameters<typeof register>[1] = {}) {
  const one = { ...somebody(), ...changes };
  const client = await register(exchange, one);
  await state(exchange, client);
  await publish(exchange, client, { record: summary(one) });
  return { client, traced: await trace(exchange, centre, one) };
}

t.test('what a date changes is told when it has come, and not before', async (t) => {
  const exchange = await testExchange(t, agreement({ traceFreshnessDays: 365 }));
  const sweep = dateSweeper(exchange);
  const pull = recordPuller(exchange);
  const { client, traced } = await somebodyKnown(exchange);
  const feed = await follow(exchange);
  /** Nothing until a millisecond before. */
  const passes = async (days: number, cause: string, told: object) => {
    exchange.clock.set(new Date(start + days * dayMs - 1).toISOString());
    t.equal(await sweep(), 0, `${cause}: not yet`);
    t.strictSame(await feed.news(), []);
    exchange.clock.set(inDays(days));
    t.equal(await sweep(), 1, cause);
    t.match(await feed.news(), [{ client: traced, ...told }], cause);
    t.equal(await sweep(), 0, `${cause}: once`);
  };
  const current = { state: 'current' };
  const gone = { state: 'gone', etag: null };

  await agree(exchange, client, { period: { start: inDays(1), end: inDays(2) } });
  t.strictSame(await feed.news(), []);
  await passes(1, 'the start of a consent', current);
  await passes(2, 'the end of a consent', gone);

  await recordOverride(exchange, {
    ...{ context: contextOf(council), client, idempotency: newKey() },
    override: {
      ...{ type: 'court-order', for: centre, recordType: 'social-care-summary', ref: 'CO-1' },
      ...{ expires: inDays(3), sections: ['person'], tipOffRisk: false },
    },
  });
  t.match(await feed.news(), [current]);
  await passes(3, 'the end of an override', gone);

  await agree(exchange, traced, { evidence: { kind: 'attested-pending' } }, centre);
  t.match(await feed.news(), [current]);
  exchange.clock.set(inDays(10));
  t.equal(await sweep(), 0, 'the form may come until the very end of the seventh day');
  exchange.clock.advance(1);
  t.equal(await sweep(), 1);
  t.match(await feed.news(), [gone], 'an attestation lapses');

  await agree(exchange, client, { period: { start: inDays(0) } });
  const open = await pull(pullOf(centre, traced));
  t.match(await feed.news(), [{ ...current, etag: open.etag }]);
  await state(exchange, client, { deceasedDate: '2026-12-01', from: inDays(20) });
  t.match(await feed.news(), [{ ...current, etag: open.etag }], 'a repeat, by its tag');
  await passes(20, 'a fact that lay ahead', gone);
  t.strictSame(await whatPassed(exchange), [
    ...['consent.started', 'consent.ended', 'override.ended', 'consent.lapsed', 'fact.effective'],
  ]);
});

t.test('a sixteenth birthday ends what parents may allow', async (t) => {
  const exchange = await testExchange(t);
  const sweep = dateSweeper(exchange);
  const { client, traced } = await somebodyKnown(exchange, { birthDate: '2010-11-25' });
  await agree(exchange, client, { grantor: { type: 'parental-responsibility' } });
  const feed = await follow(exchange);
  t.match(feed.start, [{ client: traced, state: 'current' }]);
  exchange.clock.set('2026-11-24T23:59:59.999Z');
  t.equal(await sweep(), 0);
  exchange.clock.set('2026-11-25T00:00:00Z');
  t.equal(await sweep(), 1);
  t.match(await feed.news(), [{ client: traced, state: 'gone' }]);
});

t.test('an agreement that begins or runs out concerns everybody of its parties', async (t) => {
  const until = inDays(9);
  const exchange = await testExchange(
    t,
    agreement({ period: { from: '2026-01-01T00:00:00Z', until } }),
  );
  const sweep = dateSweeper(exchange);
  const known = await knownPerson(exchange, somebody());
  const feed = await follow(exchange);
  exchange.clock.set(until);
  t.equal(await sweep(), 1);
  t.match(await feed.news(), [{ client: known.traced, state: 'gone' }]);
  const roll = (from: string) => {
    const document = agreement({ period: { from, until: '2028-01-01T00:00:00Z' } });
    return rollOutAgreement(exchange.ledger, { document, schemas, operator: 'test' });
  };
  await roll(inDays(11));
  await roll(inDays(12));
  await feed.news();
  exchange.clock.set(inDays(11));
  t.equal(await sweep(), 0, 'a version that was replaced does not begin');
  exchange.clock.set(inDays(12));
  t.equal(await sweep(), 1);
  t.match(await feed.news(), [{ client: known.traced, state: 'current' }]);
});

t.test('a trace is told as stale to whom it belongs, by the agreement of the day', async (t) => {
  const exchange = await testExchange(t);
  const sweep = dateSweeper(exchange);
  const { traced } = await knownPerson(exchange, somebody());
  exchange.clock.set(inDays(40));
  t.equal(await sweep(), 0);
  const feed = await follow(exchange);
  await rollOutAgreement(exchange.ledger, {
    ...{ document: agreement({ traceFreshnessDays: 60 }), schemas, operator: 'test' },
  });
  await feed.news();
  exchange.clock.set(inDays(60));
  t.equal(await sweep(), 2, 'the centre’s and the council’s');
  t.match(await feed.news(), [{ client: traced, state: 'retrace' }]);
  t.strictSame((await sweptOf(exchange)).map(({ organisation }) => organisation).sort(), [
    council,
    centre,
  ]);
  t.equal(await sweep(), 0);
});

t.test('of many traces that went stale while nobody swept, none is passed over', async (t) => {
  const exchange = await testExchange(t);
  for (let person = 0; person < 120; person += 1) {
    await register(exchange, somebody());
    exchange.clock.advance(1_000);
  }
  exchange.clock.advance(90 * dayMs);
  const sweep = dateSweeper(exchange);
  t.equal(await sweep(), 120, 'in more than one chunk');
  t.equal(await sweep(), 0);
});

t.test('an attestation whose form came, or that was withdrawn, does not lapse', async (t) => {
  const exchange = await testExchange(t);
  const attest = async () => {
    const { traced } = await somebodyKnown(exchange);
    const evidence = { kind: 'attested-pending' } as const;
    return (await agree(exchange, traced, { evidence }, centre)).body['id'];
  };
  await evidenceConsent(exchange, {
    ...{ context: contextOf(council), id: String(await attest()), idempotency: newKey() },
    evidence: { kind: 'signed-form', reference: 'SF-9' },
  });
  await withdraw(exchange, await attest());
  await attest();
  exchange.clock.set(inDays(8));
  t.equal(await dateSweeper(exchange)(), 1);
  t.match(await sweptOf(exchange), [{ action: 'consent.lapsed' }]);
});

/** Another node on the same database. */
function anotherNode(t: { teardown(undo: () => unknown): unknown }, exchange: TestExchange) {
  const { gatewayUrl: url, clock } = exchange;
  const connection = openDedicatedConnection({ url, applicationName: 'test ledger 2' });
  const transactions = ledgerTransactions({ connection, clock, observe: () => {} });
  const ledger = new Ledger(transactions, { maxBatch: 256, maxWaiting: 100 });
  t.teardown(async () => {
    await ledger.close();
    await connection.end();
  });
  return { ...exchange, ledger, readStanding: standingReader() };
}

t.test('two nodes that sweep at once write each entry once, all that nobody swept', async (t) => {
  const exchange = await testExchange(t);
  const nodes = [exchange, anotherNode(t, exchange)];
  const client = await register(exchange, somebody());
  const people = 150;
  for (let day = 1; day <= people; day += 1) {
    await agree(exchange, client, { period: { start: inDays(day), end: inDays(500) } });
  }
  exchange.clock.set(inDays(499));
  const written = await Promise.all(nodes.map((node) => dateSweeper(node)()));
  // the council's own trace has gone stale, too, and the agreement has run out
  const expected = people + 2;
  t.equal(
    written.reduce((sum, one) => sum + one, 0),
    expected,
  );
  t.equal((await sweptOf(exchange)).length, expected, 'of more than one chunk');
});

t.test('a date whose entry was not committed is taken again', async (t) => {
  const exchange = await testExchange(t);
  const { client } = await somebodyKnown(exchange);
  await agree(exchange, client, { period: { start: inDays(1) } });
  exchange.clock.set(inDays(2));
  const { ledger } = exchange;
  const killed = {
    write: <Reply>(work: Work<Reply>) =>
      ledger.write<Reply>(async (tx, moment) => {
        await work(tx, moment);
        throw new Error('killed');
      }),
  };
  await t.rejects(dateSweeper({ ...exchange, ledger: killed })(), { message: 'killed' });
  t.equal((await sweptOf(exchange)).length, 0);
  t.equal(await dateSweeper(exchange)(), 1);
});
