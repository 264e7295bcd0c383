/** The ledger as the serial order: pools, failures beside one another, COMMITs whose outcome is lost, search. */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { type EventFilter, findEvent, findEvents } from '../../src/ledger/event-store.ts';
import { verifyLedger } from '../../src/ledger/verification/verify-ledger.ts';
import { RecordedRefusal, type Work } from '../../src/ledger/work.ts';
import { postgresProxy } from '../support/postgres-proxy.ts';
import { testDatabase } from '../support/test-database.ts';
import { disclosure, type TestLedger, testLedger } from '../support/test-ledger.ts';

const cluster = await testDatabase(t);

/** What every test ends with: the ledger holds exactly so many entries, and all of them verify. */
async function checkLedger(t: Test, { database, evidence }: TestLedger, size: number) {
  const { findings, logs } = await verifyLedger(database, evidence);
  t.same(findings, []);
  t.equal(logs.at(-1)?.entries, size, `${size} entries`);
}

const one: Work<number> = async () => ({ events: [disclosure()], answer: (index) => index });

t.test('work that arrives together shares one transaction and keeps its order', async (t) => {
  const node = await testLedger(t, cluster);
  const indexes = await Promise.all(Array.from({ length: 20 }, () => node.ledger.write(one)));
  t.same(
    indexes,
    Array.from({ length: 20 }, (_, i) => i),
  );
  t.match(node.observed, [{ kind: 'ledger.committed', entries: 20, members: 20 }]);
  await checkLedger(t, node, 20);
});

t.test('a writer that fails is refused alone, and its neighbours do not notice', async (t) => {
  const node = await testLedger(t, cluster);
  const refused = new GatewayError('RECORD_RETRACTED');
  const results = await Promise.allSettled([
    node.ledger.write(one),
    node.ledger.write(async () => {
      throw refused;
    }),
    node.ledger.write(async (tx) => {
      await tx.query('select 1 / 0');
      return { events: [disclosure()], answer: () => 0 };
    }),
    node.ledger.write(async (tx) => {
      await tx.query(
        "insert into participants values ('lower-case', '', 'auditor', 'active', now())",
      );
      return { events: [disclosure()], answer: () => 0 };
    }),
    node.ledger.write(async (tx) => {
      await tx.query('set local statement_timeout = 20');
      await tx.query('select pg_sleep(1)');
      return { events: [disclosure()], answer: () => 0 };
    }),
    node.ledger.write(async () => {
      throw new RecordedRefusal(disclosure({ outcome: 'refused' }), refused);
    }),
    node.ledger.write(one),
  ]);
  t.match(results, [
    { status: 'fulfilled', value: 0 },
    { status: 'rejected', reason: { code: 'RECORD_RETRACTED', ledgerIndex: undefined } },
    { status: 'rejected', reason: { code: '22012' } },
    { status: 'rejected', reason: { code: '23514' } },
    { status: 'rejected', reason: { code: 'LEDGER_UNAVAILABLE', cause: { code: '57014' } } },
    { status: 'rejected', reason: { code: 'RECORD_RETRACTED', ledgerIndex: 1 } },
    { status: 'fulfilled', value: 2 },
  ]);
  t.equal(node.observed.length, 1, 'one transaction');
  await checkLedger(t, node, 3);
});

t.test('one bad input among pooled ones fails alone', async (t) => {
  const node = await testLedger(t, cluster);
  const ask = node.ledger.batch<string, number>(async (tx, _moment, inputs) => {
    const { rows } = await tx.query<{ n: number }>('select unnest($1::text[])::int as n', [inputs]);
    return rows.map(({ n }) => ({ events: [disclosure()], answer: () => n }));
  });
  t.match(
    await Promise.allSettled([ask('1'), ask('not a number'), ask('3'), node.ledger.write(one)]),
    [
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: { code: 'LEDGER_UNAVAILABLE' } },
      { status: 'fulfilled', value: 3 },
      { status: 'fulfilled', value: 2 },
    ],
  );
  await checkLedger(t, node, 3);
});

t.test('refuses work above its bound, and after it was closed', async (t) => {
  const node = await testLedger(t, cluster);
  const ledger = node.newLedger({ maxWaiting: 2 });
  const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const first = ledger.write(async () => {
    started.resolve();
    await gate.promise;
    return { events: [disclosure()], answer: (index) => index };
  });
  await started.promise;
  const waiting = [ledger.write(one), ledger.write(one)];
  await t.rejects(ledger.write(one), { code: 'TOO_BUSY' });
  gate.resolve();
  t.same(await Promise.all([first, ...waiting]), [0, 1, 2], 'those that had a place are served');
  await ledger.close();
  await t.rejects(ledger.write(one), { code: 'TOO_BUSY' });
  await checkLedger(t, node, 3);
});

t.test('time never runs backwards along the ledger, whatever the clock does', async (t) => {
  const node = await testLedger(t, cluster);
  const moments: number[] = [];
  const note: Work<void> = async (_tx, { at }) => {
    moments.push(at);
    return { events: [disclosure()], answer: () => undefined };
  };
  await node.ledger.write(note);
  node.clock.ms -= 3_600_000;
  await node.ledger.write(note);
  node.clock.ms += 3_600_001;
  await node.ledger.write(note);
  const [first = 0] = moments;
  t.same(moments, [first, first, first + 1]);
  await checkLedger(t, node, 3);
});

t.test('reads after the lock: what another node committed meanwhile is seen', async (t) => {
  const node = await testLedger(t, cluster);
  await node.owner.query(
    "insert into participants values ('X81001', 'Elm', 'nhs-health-centre', 'active', now())",
  );
  const [locked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const withdrawal = node.ledger.write(async (tx) => {
    await tx.query("update participants set status = 'suspended'");
    locked.resolve();
    await gate.promise;
    return { events: [disclosure()], answer: (index) => index };
  });
  await locked.promise;
  const disclosing = node.newLedger().write(async (tx) => {
    const { rows } = await tx.query<{ status: string }>('select status from participants');
    return { events: [disclosure()], answer: (index) => ({ index, status: rows[0]?.status }) };
  });
  // the other node has asked for the lock and waits for it
  const waiting =
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  while ((await node.owner.query(waiting)).rowCount === 0);
  gate.resolve();
  t.equal(await withdrawal, 0);
  t.same(await disclosing, { index: 1, status: 'suspended' });
  await checkLedger(t, node, 2);
});

t.test('an answer to COMMIT that was lost is looked up: the right index is given', async (t) => {
  const node = await testLedger(t, cluster);
  const proxy = await postgresProxy(t, node.url);
  const ledger = node.newLedger({ url: proxy.url });
  await ledger.write(one);
  proxy.lose('answer');
  t.equal(await ledger.write(one), 1);
  proxy.lose('answers');
  t.equal(await ledger.write(one), 2, 'lost with the answer to the insert before it');
  t.equal(await ledger.write(one), 3, 'and it goes on');
  await checkLedger(t, node, 4);
});

t.test('a COMMIT that was lost itself is refused, and nothing is there', async (t) => {
  const node = await testLedger(t, cluster);
  const proxy = await postgresProxy(t, node.url);
  const ledger = node.newLedger({ url: proxy.url });
  await ledger.write(one);
  proxy.lose('commit');
  await t.rejects(ledger.write(one), { code: 'LEDGER_UNAVAILABLE', retryAfterSeconds: 2 });
  await checkLedger(t, node, 1);
  t.equal(await ledger.write(one), 1, 'and it goes on');
  await checkLedger(t, node, 2);
});

t.test('discloses nothing while the ledger alone cannot be written', async (t) => {
  const node = await testLedger(t, cluster);
  await node.owner.query(`
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'full'; end $$;
create trigger refuse before insert on ledger_leaves for each row execute function refuse()`);
  const answered: number[] = [];
  const disclose = () =>
    node.ledger.write(async () => ({
      events: [disclosure()],
      answer: (index) => {
        answered.push(index);
        return index;
      },
    }));
  await t.rejects(disclose(), { code: 'LEDGER_UNAVAILABLE' });
  t.same(answered, []);
  await checkLedger(t, node, 0);
  await node.owner.query('drop trigger refuse on ledger_leaves');
  t.equal(await disclose(), 0);
  await checkLedger(t, node, 1);
});

t.test('discloses nothing while the database is gone', async (t) => {
  const node = await testLedger(t, cluster);
  const nowhere = node.newLedger({ url: 'postgres://nobody:nothing@127.0.0.1:1/none' });
  await t.rejects(nowhere.write(one), { code: 'LEDGER_UNAVAILABLE' });
});

t.test(
  'an auditor finds what was written, newest first, in the words of the payloads',
  async (t) => {
    const node = await testLedger(t, cluster);
    const persons = [
      '0193a0de-0000-7000-8000-000000000001',
      '0193a0de-0000-7000-8000-000000000002',
    ];
    const written = Array.from({ length: 60 }, (_, i) =>
      disclosure({
        person: persons[i % 2] ?? null,
        organisation: i % 3 === 0 ? 'XRH01' : 'X81001',
        outcome: i % 4 === 0 ? 'refused' : 'permitted',
        action: i % 5 === 0 ? 'record.published' : 'record.disclosed',
        reasonCodes: i % 4 === 0 ? ['NO_CONSENT_ON_FILE', 'CONSENT_EXPIRED'] : [],
        recordType: i % 7 === 0 ? 'hb-income-statement' : 'social-care-summary',
        request: `urn:${i}`,
      }),
    );
    for (const batch of [written.slice(0, 1), written.slice(1, 40), written.slice(40)]) {
      await node.ledger.write(async () => ({ events: batch, answer: (index) => index }));
      node.clock.ms += 1_000;
    }
    const start = node.clock.ms - 3_000;
    const wanted = (filter: EventFilter) =>
      written
        .map((event, index) => ({
          event,
          index,
          at: start + (index < 1 ? 0 : index < 40 ? 1_000 : 2_000),
        }))
        .filter(
          ({ event, at }) =>
            event.person === (filter.personId ?? event.person) &&
            event.organisation === (filter.organisation ?? event.organisation) &&
            event.outcome === (filter.outcome ?? event.outcome) &&
            event.action === (filter.action ?? event.action) &&
            event.recordType === (filter.recordType ?? event.recordType) &&
            (filter.reason === undefined || event.reasonCodes.includes(filter.reason)) &&
            at >= (filter.from?.getTime() ?? 0) &&
            at < (filter.until?.getTime() ?? Number.POSITIVE_INFINITY),
        )
        .reverse();
    const filters: fc.Arbitrary<EventFilter> = fc.record(
      {
        personId: fc.constantFrom(...persons),
        organisation: fc.constantFrom('XRH01', 'X81001', 'X00'),
        outcome: fc.constantFrom('refused', 'permitted'),
        action: fc.constantFrom('record.published', 'record.disclosed'),
        recordType: fc.constantFrom('hb-income-statement', 'social-care-summary'),
        reason: fc.constantFrom('CONSENT_EXPIRED', 'NO_CONSENT_ON_FILE'),
        from: fc.constantFrom(0, 1_000, 2_000).map((ms) => new Date(start + ms)),
        until: fc.constantFrom(1_000, 2_000).map((ms) => new Date(start + ms)),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 60 }), async (filter, limit) => {
        const expected = wanted(filter);
        const first = await findEvents(node.database, filter, { limit });
        const last = first.at(-1);
        const rest = last
          ? await findEvents(node.database, filter, {
              limit: 200,
              before: { log: 1, index: last.index },
            })
          : [];
        const found = [...first, ...rest];
        if (first.length > limit || found.length !== expected.length) return false;
        return found.every(({ log, index, payload }, i) => {
          const { event, index: place, at } = expected[i] ?? { index: -1, at: 0 };
          return (
            log === 1 &&
            index === place &&
            payload.request === event?.request &&
            Date.parse(payload.at) === at
          );
        });
      }),
      { numRuns: 60 },
    );
    t.match(await findEvent(node.database, 1, 45), { index: 45, payload: { request: 'urn:45' } });
    t.equal(await findEvent(node.database, 1, 60), undefined);
    t.equal(await findEvent(node.database, 2, 0), undefined);
    await node.owner.query("update ledger_payloads set payloads = '' where first_index = 0");
    await t.rejects(findEvent(node.database, 1, 0), { code: 'LEDGER_UNAVAILABLE' });
  },
);
