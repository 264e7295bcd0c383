/** Waiting for the ledger to grow: who is woken, by what, and that nobody is left waiting. */
import t from 'tap';
import { LedgerGrowth } from '../../src/ledger/ledger-growth.ts';

const long = 600_000;

t.test('who waits is woken once the ledger has more than they saw, and not before', async (t) => {
  const growth = new LedgerGrowth();
  growth.note({ log: 1, size: 10 });
  let woken = 0;
  const counted = (size: number) =>
    growth.waitBeyond(size, long).then((hasGrown) => {
      woken += 1;
      return hasGrown;
    });
  const [early, late] = [counted(10), counted(12)];
  growth.note({ log: 1, size: 10 });
  growth.note({ log: 1, size: 9 });
  await Promise.resolve();
  t.equal(woken, 0, 'old news wakes nobody');
  growth.note({ log: 1, size: 11 });
  t.equal(await early, true);
  t.equal(woken, 1);
  growth.note({ log: 1, size: 13 });
  t.equal(await late, true);
  t.equal(await growth.waitBeyond(12, long), true, 'what has grown already is not waited for');
});

t.test('another log wakes everybody', async (t) => {
  const growth = new LedgerGrowth();
  growth.note({ log: 1, size: 100 });
  const waiting = growth.waitBeyond(100, long);
  growth.note({ log: 2, size: 1 });
  t.equal(await waiting, true);
  growth.note({ log: 1, size: 500 });
  const next = growth.waitBeyond(1, long);
  growth.note({ log: 2, size: 2 });
  t.equal(await next, true, 'and what is said of the old one later counts for nothing');
});

t.test('a wait ends with its time, its caller or the gateway', async (t) => {
  const growth = new LedgerGrowth();
  t.equal(await growth.waitBeyond(0, 1), false, 'its time');
  const caller = new AbortController();
  const waiting = growth.waitBeyond(0, long, caller.signal);
  caller.abort();
  t.equal(await waiting, false, 'its caller');
  t.equal(await growth.waitBeyond(0, long, caller.signal), false, 'who has gone before');
  const last = [growth.waitBeyond(0, long), growth.waitBeyond(5, long)];
  growth.end();
  t.strictSame(await Promise.all(last), [false, false], 'the gateway');
  growth.note({ log: 1, size: 10 });
  t.equal(await growth.waitBeyond(0, long), false, 'and nobody waits any more');
});
