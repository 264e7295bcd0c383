/** Checkpoints, and databases that do not hold what was signed: restored, grown again, edited. */
import { existsSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import t from 'tap';
import { openDatabase } from '../../src/database/database.ts';
import { CheckpointPublisher } from '../../src/ledger/checkpoint-publisher.ts';
import { logOf, originOf } from '../../src/ledger/log-origin.ts';
import { verifyLedger } from '../../src/ledger/verification/verify-ledger.ts';
import { verifyCheckpoint } from '../../src/tlog/checkpoint.ts';
import { verifierKeyOf } from '../../src/tlog/verifier-key.ts';
import { testDatabase } from '../support/test-database.ts';
import {
  ledgerKey,
  recover,
  startNode,
  type TestLedger,
  testLedger,
} from '../support/test-ledger.ts';

const cluster = await testDatabase(t);
const origin = 'gateway.example/audit';
const tables = ['logs', 'head', 'leaves', 'payloads', 'blocks', 'events', 'checkpoints'];

async function backUp({ owner }: TestLedger): Promise<void> {
  for (const table of tables) {
    await owner.query(
      `drop table if exists saved_${table}; create table saved_${table} as table ledger_${table}`,
    );
  }
}

async function restoreBackup({ owner }: TestLedger): Promise<void> {
  for (const table of tables) {
    await owner.query(
      `delete from ledger_${table}; insert into ledger_${table} select * from saved_${table}`,
    );
  }
}

async function published({ owner }: TestLedger): Promise<readonly number[]> {
  const { rows } = await owner.query<{ size: number }>(
    'select size from ledger_checkpoints order by log, size',
  );
  return rows.map(({ size }) => size);
}

t.test(
  'signs what was committed, keeps it outside, and signs again only what is new',
  async (t) => {
    const node = await testLedger(t, cluster);
    const { publisher, observed } = node.newPublisher();
    t.match(publisher.continuity, { extends: false }, 'closed before the first look');
    for (const count of [0, 1, 300, 0, 7]) {
      if (count > 0) await node.append(count);
      await publisher.tick();
    }
    t.same(observed, [
      { kind: 'checkpoint.signed', size: 0 },
      { kind: 'checkpoint.signed', size: 1 },
      { kind: 'checkpoint.signed', size: 301 },
      { kind: 'checkpoint.signed', size: 308 },
    ]);
    t.same(await published(node), [0, 1, 301, 308]);
    const note = await readFile(node.witness.checkpointFile, 'utf8');
    const { rows } = await node.owner.query('select root from ledger_head');
    t.match(
      [{ root: verifyCheckpoint(note, [verifierKeyOf(origin, ledgerKey)]).root }],
      rows,
      'a verifier key is all that it takes to check the file',
    );
    t.match(await startNode(node), { extends: true }, 'a node that starts anew goes on');
    t.same((await verifyLedger(node.database, node.evidence)).findings, []);
  },
);

t.test('two nodes sign the same bytes, whoever is first', async (t) => {
  const node = await testLedger(t, cluster);
  const mine = node.newPublisher();
  const theirs = node.newPublisher(`${node.witness.checkpointFile}.other`);
  await node.append(3);
  await Promise.all([mine.publisher.tick(), theirs.publisher.tick()]);
  // the one that found the other at it does it now
  await mine.publisher.tick();
  await theirs.publisher.tick();
  t.same(await published(node), [3]);
  t.equal(
    await readFile(node.witness.checkpointFile, 'utf8'),
    await readFile(`${node.witness.checkpointFile}.other`, 'utf8'),
  );
});

t.test('runs by itself between start and stop', async (t) => {
  const node = await testLedger(t, cluster);
  const signed = Promise.withResolvers<void>();
  const publisher = new CheckpointPublisher({
    ...node.witness,
    ...{ database: node.database, clock: node.clock },
    intervalMs: 1,
    observe: (event) => {
      if (event.kind === 'checkpoint.signed' && event.size === 2) signed.resolve();
    },
  });
  await publisher.start();
  await node.append(2);
  await signed.promise;
  await publisher.stop();
});

t.test('refuses to sign a head that its entries do not make', async (t) => {
  const node = await testLedger(t, cluster);
  const running = await startNode(node);
  await node.append(2);
  await node.owner.query("update ledger_head set root = sha256('another')");
  await running.publisher.tick();
  t.match(running.observed.at(-1), {
    kind: 'checkpoint.refused',
    reason: /entries and the head of the ledger do not agree/,
  });
  t.equal(running.publisher.continuity.extends, false);
  t.match(await startNode(node), { extends: false }, 'nor does a node that starts anew');
  t.same(await published(node), [0]);
});

t.test('stays shut on a restored backup, until an operator declares the loss', async (t) => {
  const node = await testLedger(t, cluster);
  const running = await startNode(node);
  await node.append(4);
  await running.publisher.tick();
  await backUp(node);
  await node.append(300);
  await running.publisher.tick();
  t.match(await recover(node), { recovered: false }, 'nothing to recover before');

  await restoreBackup(node);
  await running.publisher.tick();
  t.match(running.publisher.continuity, { extends: false, reason: /304.*holds 4.*recover/ });
  t.match(await startNode(node), { extends: false, reason: /304.*holds 4.*recover/ });
  const before = running.observed.length;
  for (let n = 0; n < 3; n += 1) {
    await node.append(1);
    await running.publisher.tick();
  }
  t.same(
    running.observed.slice(before).map(({ kind }) => kind),
    ['checkpoint.failing', 'checkpoint.failing', 'checkpoint.failing'],
    'the cause is the same, whatever the figures',
  );
  await restoreBackup(node);
  await t.rejects(running.publisher.requireContinuity(node.database), { code: 'GATEWAY_CLOSED' });
  t.match((await verifyLedger(node.database, node.evidence)).findings, [
    { log: 1, index: 4, finding: /checkpoint of 304/ },
  ]);

  t.match(await recover(node), {
    recovered: true,
    origin: `${origin}/2`,
    heldEntries: 4,
    signedEntries: 304,
    keptAside: `${node.witness.checkpointFile}.1.old`,
  });
  t.ok(existsSync(`${node.witness.checkpointFile}.1.old`));
  t.match(await recover(node), { recovered: false }, 'once is enough');
  await running.publisher.tick();
  t.equal(running.publisher.continuity.extends, true, 'the node that ran all along opens again');
  await running.publisher.requireContinuity(node.database);
  t.equal(await node.append(2), 1, 'the new log goes on after the entry that opened it');
  await running.publisher.tick();
  const { findings, logs } = await verifyLedger(node.database, node.evidence);
  t.same(findings, []);
  t.match(logs, [
    { log: 1, entries: 4 },
    { log: 2, origin: `${origin}/2`, entries: 3 },
  ]);
});

t.test('finds a backup that has grown again since it was restored', async (t) => {
  const node = await testLedger(t, cluster);
  await node.append(4);
  await backUp(node);
  await node.append(1);
  const running = await startNode(node);
  await restoreBackup(node);
  await node.append(2);
  await running.publisher.tick();
  t.match(running.publisher.continuity, { extends: false, reason: /first 5 entries/ });
  t.match(await startNode(node), { extends: false, reason: /first 5 entries/ });
  t.match(await recover(node), { recovered: true, heldEntries: 6, signedEntries: 5 });
  t.match(await startNode(node), { extends: true });
  t.same((await verifyLedger(node.database, node.evidence)).findings, []);
});

t.test('never uses the name of a log again, even where a backup knows nothing of it', async (t) => {
  const node = await testLedger(t, cluster);
  await node.append(1);
  await backUp(node);
  await node.append(1);
  await startNode(node);
  const [otherFile, kept] = [`${node.witness.checkpointFile}.other`, node.witness.checkpointFile];
  await copyFile(kept, otherFile);
  await restoreBackup(node);
  await recover(node);
  t.match(await startNode(node, otherFile), { extends: true }, 'a node with a file of its own');
  await restoreBackup(node);
  t.match(await startNode(node), { extends: false, reason: /audit\/2 was signed/ });
  t.match(await recover(node), { recovered: true, origin: `${origin}/3` });
  t.match(await startNode(node), { extends: true });
  t.same((await verifyLedger(node.database, node.evidence)).findings, []);
});

t.test('a crash in the middle of a recovery is survived', async (t) => {
  const node = await testLedger(t, cluster);
  await node.append(1);
  await backUp(node);
  await node.append(1);
  await startNode(node);
  const file = node.witness.checkpointFile;
  await copyFile(file, `${file}.before`);
  await restoreBackup(node);
  await recover(node);
  // as if the process had ended after its commit, before it touched the file
  await copyFile(`${file}.before`, file);
  await node.owner.query('delete from ledger_checkpoints where log = 2');
  t.match(await startNode(node), { extends: true });
  t.same((await verifyLedger(node.database, node.evidence)).findings, []);
});

t.test('a database that does not answer changes nothing that was known', async (t) => {
  const node = await testLedger(t, cluster);
  const database = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' });
  t.teardown(() => database.end());
  const observed: unknown[] = [];
  const observe = (event: unknown) => observed.push(event);
  const publisher = new CheckpointPublisher({
    ...node.witness,
    database,
    clock: node.clock,
    observe,
  });
  await publisher.tick();
  t.match(observed, [{ kind: 'checkpoint.failed', error: { code: 'ECONNREFUSED' } }]);
  node.clock.ms += 61_000;
  await publisher.tick();
  t.equal(publisher.sinceSuccessMs, 61_000, 'and it is known for how long nothing was signed');
  const working = node.newPublisher().publisher;
  node.clock.ms += 61_000;
  await working.tick();
  t.equal(working.sinceSuccessMs, 0);
  t.equal(publisher.continuity.extends, false);
});

t.test(
  'a failure is told once, and again where its cause is another, and so is its end',
  async (t) => {
    const node = await testLedger(t, cluster);
    const { publisher, observed } = await startNode(node);
    const kindsAfter = async (change: string, ticks = 1) => {
      const before = observed.length;
      await node.owner.query(change);
      for (let tick = 0; tick < ticks; tick += 1) await publisher.tick();
      return observed.slice(before).map(({ kind }) => kind);
    };
    await node.append(2);
    const { rows } = await node.owner.query<{ root: Buffer }>('select root from ledger_head');
    const root = rows[0]?.root.toString('hex');
    t.same(await kindsAfter("update ledger_head set root = sha256('another')", 3), [
      'checkpoint.refused',
      'checkpoint.failing',
      'checkpoint.failing',
    ]);
    t.same(await kindsAfter("update ledger_logs set origin = 'elsewhere.example/audit'", 2), [
      'checkpoint.refused',
      'checkpoint.failing',
    ]);
    t.same(await kindsAfter('alter table ledger_logs rename to hidden', 2), [
      'checkpoint.failed',
      'checkpoint.failing',
    ]);
    const mended = `
alter table hidden rename to ledger_logs;
update ledger_logs set origin = '${origin}';
update ledger_head set root = '\\x${root}'`;
    t.same(await kindsAfter(mended, 2), ['checkpoint.signed', 'checkpoint.resumed']);
  },
);

t.test('a log has one name and a name one log', async (t) => {
  for (const log of [1, 2, 10, 4711]) t.equal(logOf(origin, originOf(origin, log)), log);
  for (const other of [
    '',
    'gateway.example',
    `${origin}/`,
    `${origin}/1`,
    `${origin}/02`,
    `${origin}/-2`,
  ]) {
    t.equal(logOf(origin, other), undefined, other);
  }
});
