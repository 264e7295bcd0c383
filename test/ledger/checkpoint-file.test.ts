/** What a node makes of a checkpoint file that is missing, that was edited, or that is of another log. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import t from 'tap';
import type { LedgerWitness } from '../../src/ledger/kept-continuity.ts';
import { logSigner, signLogCheckpoint } from '../../src/ledger/log-checkpoint.ts';
import { requireOwnLog } from '../../src/ledger/log-ownership.ts';
import { verifyLedger } from '../../src/ledger/verification/verify-ledger.ts';
import { verifierKeyOf } from '../../src/tlog/verifier-key.ts';
import { testDatabase } from '../support/test-database.ts';
import { ledgerKey, recover, startNode, testLedger } from '../support/test-ledger.ts';

const cluster = await testDatabase(t);
const origin = 'gateway.example/audit';

t.test(
  'without a file the newest checkpoint in the database counts, and that is said',
  async (t) => {
    const node = await testLedger(t, cluster);
    await node.append(2);
    await startNode(node);
    await rm(node.witness.checkpointFile);
    t.match(await recover(node), { recovered: false });
    const { publisher, observed } = node.newPublisher();
    t.equal(publisher.isUnwitnessed, false);
    await publisher.tick();
    t.match(publisher.continuity, { extends: true, notice: /No checkpoint file/ });
    t.ok(existsSync(node.witness.checkpointFile), 'and the file is there again');
    await publisher.tick();
    const notices = observed.filter(({ kind }) => kind === 'checkpoint.unwitnessed');
    t.match(notices, [{ text: /No checkpoint file/ }], 'it is said once');
    t.equal(notices.length, 1);
    t.equal(publisher.isUnwitnessed, true, 'and for as long as the process runs');
    await rm(node.witness.checkpointFile);
    await node.owner.query(
      "update ledger_checkpoints set note = replace(note, E'\\n2\\n', E'\\n1\\n')",
    );
    t.match(await startNode(node), { extends: false, reason: /does not verify/ });
    await node.owner.query('delete from ledger_checkpoints');
    t.match(
      (await startNode(node)).observed[0],
      { kind: 'checkpoint.unwitnessed', text: /nothing was ever signed/ },
      'nor do entries without any checkpoint pass in silence',
    );
  },
);

t.test('a first start, with nothing to lose, says nothing of a missing file', async (t) => {
  const { observed } = await startNode(await testLedger(t, cluster));
  t.same(observed, [{ kind: 'checkpoint.signed', size: 0 }]);
});

t.test('refuses a file or an origin that is not its own', async (t) => {
  const node = await testLedger(t, cluster);
  await node.append(2);
  await startNode(node);
  const file = node.witness.checkpointFile;
  const note = await readFile(file, 'utf8');
  await writeFile(file, note.replace('\n2\n', '\n1\n'));
  t.match(await startNode(node), { extends: false, reason: /cannot be used/ });
  await writeFile(file, note.replaceAll(origin, 'elsewhere.example/audit'));
  t.match(await startNode(node), { extends: false, reason: /cannot be used/ });
  await t.rejects(recover(node), { name: 'AnotherLogError' });
  await rm(file);
  await node.owner.query("update ledger_logs set origin = 'elsewhere.example/audit'");
  t.match(await startNode(node), { extends: false, reason: /elsewhere\.example/ });
});

t.test('settings of another log are told as that, and never as a loss', async (t) => {
  const node = await testLedger(t, cluster);
  await node.append(2);
  await startNode(node);
  const { signer, checkpointFile } = node.witness;
  const other = generateKeyPairSync('ed25519').privateKey;
  const refusal = (message: RegExp) => ({ name: 'AnotherLogError', message });
  const starting = (witness: LedgerWitness) => requireOwnLog(node.database, witness);
  await starting(node.witness);

  const misnamed = { signer: logSigner('elsewhere.example/audit', ledgerKey), checkpointFile };
  const names = refusal(/ORIGIN names the log elsewhere.*database holds the log gateway\.example/);
  await t.rejects(starting(misnamed), names);
  const misled = { ...node, witness: misnamed };
  await t.rejects(recover(misled), names, 'nor is a new log opened under the wrong name');

  const id = (key: KeyObject) => verifierKeyOf(origin, key).keyId;
  const miskeyed = { signer: logSigner(origin, other), checkpointFile };
  const keys = refusal(
    new RegExp(`holds the key ${id(other)}.*signed with the key ${id(ledgerKey)}`),
  );
  await t.rejects(starting(miskeyed), keys);
  const note = await readFile(checkpointFile, 'utf8');
  await rm(checkpointFile);
  const stored = refusal(
    new RegExp(`in the database is by the key ${id(ledgerKey)}: .*written to`),
  );
  await t.rejects(starting(miskeyed), stored, 'also where the database alone can tell');
  await starting(node.witness);

  const elsewhere = { log: 1, size: 2, root: Buffer.alloc(32) };
  await writeFile(checkpointFile, signLogCheckpoint(misnamed.signer, elsewhere).note);
  await t.rejects(starting(node.witness), refusal(/CHECKPOINT_FILE holds .* of elsewhere/));
  await node.owner.query('delete from ledger_checkpoints; delete from ledger_logs');
  await t.rejects(starting(node.witness), refusal(/CHECKPOINT_FILE holds .* of elsewhere/));
  await rm(checkpointFile);
  await starting(miskeyed);
  t.equal(signer.origin, origin, 'and of an empty database any settings may become the owner');
  await writeFile(checkpointFile, note.replace('\n2\n', '\n1\n'));
  await starting(node.witness);
});

t.test('an edited checkpoint is no matter of settings: the door stays shut on it', async (t) => {
  const node = await testLedger(t, cluster);
  await node.append(2);
  await startNode(node);
  const note = await readFile(node.witness.checkpointFile, 'utf8');
  for (const edited of [note.replace('\n2\n', '\n1\n'), note.slice(1), '']) {
    await writeFile(node.witness.checkpointFile, edited);
    await requireOwnLog(node.database, node.witness);
    t.match(await startNode(node), { extends: false, reason: /cannot be used/ });
  }
});

t.test('a lock that somebody else keeps is no success of signing, and is found', async (t) => {
  const node = await testLedger(t, cluster);
  await startNode(node);
  const { publisher } = node.newPublisher();
  await publisher.tick();
  await node.append(1);
  node.clock.ms += 61_000;
  await node.owner.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock(hashtextextended('jetway checkpoint', 0))");
    await publisher.tick();
    t.equal(publisher.sinceSuccessMs, 61_000);
    const { findings, isWitnessed } = await verifyLedger(node.database, node.evidence);
    t.match(findings, [{ finding: /keeps checkpoints from being signed/ }]);
    t.equal(isWitnessed, true);
  });
  await publisher.tick();
  t.equal(publisher.sinceSuccessMs, 0, 'and is as soon as it is let go');
  t.same((await verifyLedger(node.database, node.evidence)).findings, []);
});
