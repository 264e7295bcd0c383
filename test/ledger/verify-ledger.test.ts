/** What the owner of a database can change in a ledger, and that verification finds each. */
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { type LogVerifier, logSigner } from '../../src/ledger/log-checkpoint.ts';
import { verifyLedger } from '../../src/ledger/verification/verify-ledger.ts';
import { testDatabase } from '../support/test-database.ts';
import { ledgerKey, testLedger } from '../support/test-ledger.ts';

// 300 entries in four transactions, a checkpoint at 1 and one at 256, the last of which is kept outside
const { database, owner, witness, evidence, clock, append, newPublisher } = await testLedger(
  t,
  await testDatabase(t),
);
const { publisher } = newPublisher();
await append(1);
await publisher.tick();
clock.ms += 1_000;
await append(5);
await append(250);
await publisher.tick();
clock.ms += 1_000;
await append(44);

const tables = [
  'ledger_logs',
  'ledger_head',
  'ledger_leaves',
  'ledger_payloads',
  'ledger_blocks',
  'ledger_events',
  'ledger_checkpoints',
];
for (const table of tables) await owner.query(`create table saved_${table} as table ${table}`);

/** Tampers as the owner of the database would, verifies, and puts everything back. */
async function findingsAfter(change: string): Promise<readonly string[]> {
  await owner.query(change);
  const { findings } = await verifyLedger(database, evidence);
  for (const table of tables) {
    await owner.query(`delete from ${table}; insert into ${table} select * from saved_${table}`);
  }
  return findings.map(({ index, finding }) => `${index ?? '-'}: ${finding}`);
}

t.test('a ledger that nobody touched verifies, entries, checkpoints and all', async (t) => {
  const { findings, isComplete, logs } = await verifyLedger(database, evidence);
  t.same(findings, []);
  t.equal(isComplete, true);
  const [{ root } = { root: Buffer.alloc(0) }] = (
    await owner.query<{ root: Buffer }>('select root from ledger_head')
  ).rows;
  t.same(logs, [
    {
      log: 1,
      origin: 'gateway.example/audit',
      entries: 300,
      checkpoints: 2,
      root: root.toString('base64'),
    },
  ]);
});

const far = '1152921504606846976';
const changes: { title: string; change: string; finding: string }[] = [
  {
    title: 'one flipped bit of a leaf’s commitment',
    change: `update ledger_leaves set leaves = set_byte(leaves, 50 * 7 + 30, get_byte(leaves, 50 * 7 + 30) # 1) where first_index = 6`,
    finding: '13: payload and key do not open the commitment in its leaf',
  },
  {
    title: 'one flipped bit of a leaf’s id',
    change: `update ledger_leaves set leaves = set_byte(leaves, 2, get_byte(leaves, 2) # 1) where first_index = 1`,
    finding: '1: the payload carries the id of another leaf',
  },
  {
    title: 'another class of a leaf',
    change: `update ledger_leaves set leaves = set_byte(leaves, 1, 2) where first_index = 1`,
    finding: '1: the class of the leaf is not that of its event',
  },
  {
    title: 'another version of a leaf',
    change: `update ledger_leaves set leaves = set_byte(leaves, 0, 9) where first_index = 1`,
    finding: '1: the leaf is malformed',
  },
  {
    title: 'one changed letter of a payload',
    change: `update ledger_payloads set payloads = regexp_replace(payloads, 'permitted', 'refused', 1, 5) where first_index = 1`,
    finding: '5: payload and key do not open the commitment in its leaf',
  },
  {
    title: 'one flipped bit of a commitment key',
    change: `update ledger_payloads set commitment_keys = set_byte(commitment_keys, 32 * 43, get_byte(commitment_keys, 32 * 43) # 1) where first_index = 256`,
    finding: '299: payload and key do not open the commitment in its leaf',
  },
  {
    title: 'an event erased without an erasure entry',
    change: `update ledger_payloads set payloads = '', commitment_keys = decode(repeat('00', 32), 'hex') where first_index = 0`,
    finding: '0: it was erased, and no erasure entry covers it',
  },
  {
    title: 'a payload cut off',
    change: `update ledger_payloads set payloads = regexp_replace(payloads, E'\\n[^\\n]*$', '') where first_index = 1`,
    finding: '1: the payloads of the batch that begins here are missing, cut or unreadable',
  },
  {
    title: 'packed payloads that are none',
    change: `update ledger_payloads set packed = '\\x28b52ffd00' where first_index = 256`,
    finding: '256: the payloads of the batch that begins here are missing, cut or unreadable',
  },
  {
    title: 'payloads removed',
    change: 'delete from ledger_payloads where first_index = 6',
    finding: '6: the payloads of the batch that begins here are missing, cut or unreadable',
  },
  {
    title: 'payloads of entries that do not exist',
    change: `insert into ledger_payloads select log, 300, commitment_keys, payloads from ledger_payloads where first_index = 0`,
    finding: '300: payload rows that belong to no entry begin here (1)',
  },
  {
    title: 'a removed batch in the middle',
    change: 'delete from ledger_leaves where first_index = 1',
    finding: '1: entries from here to index 6 are missing',
  },
  {
    title: 'a batch stored twice',
    change:
      'insert into ledger_leaves select log, 3, leaves from ledger_leaves where first_index = 1',
    finding: '6: entries from here to index 3 are stored twice',
  },
  {
    title: 'a removed batch at the end',
    change: 'delete from ledger_leaves where first_index = 256',
    finding: '256: the head says 300 entries, and there are 256',
  },
  {
    title: 'a removed end with a head to match, which the kept checkpoint does not see',
    change: `update ledger_head set size = 256, root = (select root from ledger_blocks), frontier = (select root from ledger_blocks);
      delete from ledger_leaves where first_index = 256; delete from ledger_payloads where first_index = 256`,
    finding: '256: search rows that belong to no entry begin here (44)',
  },
  {
    title: 'a removed end that the kept checkpoint sees',
    change: `delete from ledger_leaves where first_index >= 6`,
    finding: '6: a checkpoint of 256 entries was signed, and they are not there',
  },
  ...[
    ["at = at + interval '1 millisecond'", 'time'],
    ["action = 'record.published'", 'action'],
    ["outcome = 'refused'", 'outcome'],
    ["organisation = 'XRH01'", 'organisation'],
    ['person_id = null', 'person'],
    ["record_type = 'hb-income-statement'", 'record type'],
    ["reasons = '{NO_CONSENT_ON_FILE}'", 'reasons'],
  ].map(([change, column]) => ({
    title: `another ${column} in the search row`,
    change: `update ledger_events set ${change} where index = 100`,
    finding: `100: the search ${column} does not say what the entry says`,
  })),
  {
    title: 'a removed search row',
    change: 'delete from ledger_events where index = 100',
    finding: '100: the search row (it is missing) does not say what the entry says',
  },
  {
    title: 'an invented search row',
    change: 'update ledger_events set index = 7000 where index = 299',
    finding: '7000: search rows that belong to no entry begin here (1)',
  },
  {
    title: 'another root of a block',
    change: `update ledger_blocks set root = sha256('')`,
    finding: '0: the root of block 0 is not that of its leaves',
  },
  {
    title: 'a removed root of a block',
    change: 'delete from ledger_blocks',
    finding: '0: the root of block 0 is missing',
  },
  {
    title: 'an invented block',
    change: `insert into ledger_blocks values (1, 1, sha256(''))`,
    finding: '256: block rows that belong to no entry begin here (1)',
  },
  ...[
    ['block', `insert into ledger_blocks values (1, ${far}, sha256(''))`],
    ['search', `update ledger_events set index = ${far} where index = 299`],
    ['checkpoint', `insert into ledger_checkpoints values (1, ${far}, 'x')`],
  ].map(([kind, change = '']) => ({
    title: `a ${kind} row further on than any log comes`,
    change,
    finding: `9007199254740991: ${kind} rows that belong to no entry begin here (1)`,
  })),
  {
    title: 'another root in the head',
    change: `update ledger_head set root = sha256('')`,
    finding: "-: the head's root is not that of the leaves",
  },
  {
    title: 'another frontier in the head',
    change: `update ledger_head set frontier = set_byte(frontier, 0, get_byte(frontier, 0) # 1)`,
    finding: "-: the head's frontier is not that of its root",
  },
  {
    title: 'a time in the head that lets consents begin and end earlier',
    change: `update ledger_head set at = at + interval '30 days'`,
    finding: "-: the head's time is not that of the last entry",
  },
  {
    title: 'a time in the head before that of the last entry',
    change: `update ledger_head set at = at - interval '1 second'`,
    finding: "-: the head's time is not that of the last entry",
  },
  {
    title: 'a checkpoint under another size',
    change: 'update ledger_checkpoints set size = 2 where size = 1',
    finding: '-: the checkpoint of 2 entries says another log or size',
  },
  {
    title: 'a checkpoint with another root',
    change: `update ledger_checkpoints set note = regexp_replace(note, '\\n[^\\n]{44}\\n', E'\\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\\n') where size = 1`,
    finding: '-: the checkpoint of 1 entries does not verify',
  },
  {
    title: 'entries of a log without a name',
    change: `insert into ledger_leaves select 2, first_index, leaves from ledger_leaves`,
    finding: '-: the log has entries and no name',
  },
  {
    title: 'a log under the name of another',
    change: `update ledger_logs set origin = 'elsewhere.example/audit'`,
    finding:
      '-: the database holds the log elsewhere.example/audit, but should hold gateway.example/audit',
  },
];

t.test('whoever owns the database cannot change it unseen', async (t) => {
  for (const { title, change, finding } of changes) {
    const found = await findingsAfter(change);
    t.ok(found.includes(finding), `finds ${title}`, { found });
  }
  t.same((await verifyLedger(database, evidence)).findings, [], 'and all is as it was');
});

t.test(
  'tells of another origin or key in a few findings, however many checkpoints there are',
  async (t) => {
    const findingsOf = async (verifier: LogVerifier) => {
      const found = await verifyLedger(database, { ...evidence, verifier });
      t.equal(found.isComplete, true);
      return found.findings.map(({ finding }) => finding);
    };
    const outside = 'the checkpoint file outside the database does not verify';
    const another = 'checkpoints of another log or key (2); the first is at size 1';
    const { privateKey } = generateKeyPairSync('ed25519');
    t.same(await findingsOf(logSigner('gateway.example/audit', privateKey)), [outside, another]);
    t.same(await findingsOf(logSigner('elsewhere.example/audit', ledgerKey)), [
      outside,
      'the database holds the log gateway.example/audit, but should hold elsewhere.example/audit',
      another,
    ]);
    await owner.query(
      "update ledger_checkpoints set note = replace(note, E'\\n1\\n', E'\\n2\\n') where size = 1",
    );
    const edited = await findingsAfter('select 1');
    t.same(edited, ['-: the checkpoint of 1 entries does not verify'], 'an edited one has its own');
  },
);

t.test('finds an edited checkpoint file', async (t) => {
  const note = await readFile(witness.checkpointFile, 'utf8');
  await writeFile(witness.checkpointFile, note.replace('\n256\n', '\n255\n'));
  t.match((await verifyLedger(database, evidence)).findings, [
    { finding: 'the checkpoint file outside the database does not verify' },
  ]);
  await writeFile(witness.checkpointFile, note);
});

t.test('a time that has not come yet is told by the clock of whoever verifies', async (t) => {
  const { rows } = await owner.query<{ at: Date }>('select at from ledger_head');
  const at = rows[0]?.at.getTime() ?? 0;
  const told = async (now: number) =>
    (
      await verifyLedger(database, { ...evidence, clock: { now: () => new Date(now) } })
    ).findings.map(({ finding }) => finding);
  const early = "the head's time is one that has not come yet";
  t.notOk((await told(at - 4 * 60_000)).includes(early), 'clocks may differ by some minutes');
  t.ok((await told(at - 6 * 60_000)).includes(early));
});

t.test('gives up after a hundred findings', async (t) => {
  await owner.query("update ledger_events set outcome = 'failed'");
  const { findings, isComplete } = await verifyLedger(database, evidence);
  t.equal(findings.length, 100);
  t.equal(isComplete, false);
});
