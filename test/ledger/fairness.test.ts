/** Where more requests wait than one transaction takes: organisations take turns, and nobody is left waiting. */
import fc from 'fast-check';
import t from 'tap';
import { SummedRefusals } from '../../src/ledger/summed-refusals.ts';
import { takeTurns, type Waiting } from '../../src/ledger/take-turns.ts';
import type { Work } from '../../src/ledger/work.ts';
import { testDatabase } from '../support/test-database.ts';
import { disclosure, testLedger } from '../support/test-ledger.ts';

const cluster = await testDatabase(t);

t.test('a flood of failed handshakes takes one place, and none from disclosures', async (t) => {
  const node = await testLedger(t, cluster);
  const ledger = node.newLedger({ maxWaiting: 3 });
  const refusals = new SummedRefusals(ledger, node.clock);
  const flood = (number: number) => {
    for (let n = 0; n < number; n += 1) {
      const source = `198.51.${n >> 8}.${n & 255}`;
      const stranger = { certificate: undefined, organisation: null };
      refusals.add({
        ...{ action: 'door.refused', code: 'HANDSHAKE_FAILED', check: 'not-tls' },
        ...{ source, ...stranger },
      });
    }
  };
  const disclose = () =>
    ledger.write(async () => ({ events: [disclosure()], answer: (index) => index }));
  flood(20_000);
  const flushed = refusals.flush();
  t.strictSame(await Promise.all([disclose(), disclose()]), [501, 502], 'both are served');
  await flushed;

  flood(20_000);
  const disclosures = [disclose(), disclose(), disclose()];
  await refusals.flush();
  t.strictSame(await Promise.all(disclosures), [503, 504, 505], 'it is refusals that give way');
  await refusals.flush();
  t.equal(await disclose(), 1_007, 'and they are written later');
});

t.test('one organisation’s backlog does not keep another one waiting', async (t) => {
  const node = await testLedger(t, cluster);
  const ledger = node.newLedger({ maxBatch: 4 });
  const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const one: Work<number> = async () => ({
    events: [disclosure()],
    answer: (index) => index,
  });
  const ask = ledger.batch<number, number>(
    async (_tx, _moment, inputs) =>
      inputs.map(() => ({ events: [disclosure()], answer: (i) => i })),
    { partyOf: (input) => (input === 0 ? 'XRH01' : 'X81001') },
  );
  const first = ledger.write(async (tx, moment) => {
    started.resolve();
    await gate.promise;
    return one(tx, moment);
  }, 'X81001');
  await started.promise;
  const backlog = Array.from({ length: 20 }, (_, i) =>
    i % 2 === 0 ? ledger.write(one, 'X81001') : ask(1),
  );
  const others = [ask(0), ledger.write(one, 'X81002')];
  gate.resolve();
  t.equal(await first, 0);
  const [centre = 99, hospital = 99] = await Promise.all(others);
  t.ok(centre <= 4 && hospital <= 4, 'both are in the very next transaction');
  t.same(new Set([0, ...(await Promise.all([...others, ...backlog]))]).size, 23, 'all are served');
});

const arrivals = (isWriter: fc.Arbitrary<boolean>) =>
  fc.array(
    fc.record({ party: fc.constantFrom(undefined, 'X81001', 'X81002', 'XRH01'), isWriter }),
    { maxLength: 40 },
  );
const some = fc.integer({ min: 1, max: 12 });

t.test(
  'every transaction is as full as it may be, and each one’s requests keep their order',
  (t) => {
    fc.assert(
      fc.property(arrivals(fc.boolean()), some, some, (all: Waiting[], places, maxWriters) => {
        const { tickets, rest } = takeTurns([...all], places, maxWriters);
        const writers = tickets.filter(({ isWriter }) => isWriter).length;
        const isFull = tickets.length === places || writers === maxWriters || rest.length === 0;
        if (!isFull || tickets.length > places || writers > maxWriters) return false;
        for (const party of new Set(all.map((ticket) => ticket.party))) {
          const own = (list: Waiting[]) => list.filter((ticket) => ticket.party === party);
          const inOrder = [...own(tickets), ...own(rest)];
          if (!own(all).every((ticket, i) => ticket === inOrder[i])) return false;
        }
        return tickets.length + rest.length === all.length;
      }),
    );
    t.end();
  },
);

t.test('nobody gets more than one place above another who still waits', (t) => {
  fc.assert(
    fc.property(arrivals(fc.constant(false)), some, (all: Waiting[], places) => {
      const { tickets, rest } = takeTurns([...all], places, 1);
      const got = (party: string | undefined) => tickets.filter((t) => t.party === party).length;
      const most = Math.max(0, ...all.map(({ party }) => got(party)));
      return rest.every(({ party }) => got(party) >= most - 1);
    }),
  );
  t.end();
});

t.test('however many writers wait, a transaction takes no more than it has time for', async (t) => {
  const node = await testLedger(t, cluster);
  const ledger = node.newLedger({ maxWriters: 3 });
  const write = () =>
    ledger.write(async () => ({ events: [disclosure()], answer: (index) => index }), 'X09SC');
  await Promise.all(Array.from({ length: 10 }, write));
  const members = node.observed.flatMap((one) =>
    one.kind === 'ledger.committed' ? one.members : [],
  );
  t.ok(Math.max(...members) <= 3);
  t.equal(
    members.reduce((sum, count) => sum + count, 0),
    10,
    'and all are served',
  );
});
