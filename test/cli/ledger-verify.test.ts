/** What `jetway ledger verify` says where it could not verify everything, as an operator and an auditor read it. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { formatVerifierKey, verifierKeyOf } from '../../src/tlog/verifier-key.ts';
import { operatorAtWork } from '../support/operator-at-work.ts';

const { settings, owner, jetway, typed } = await operatorAtWork(t);
const { JETWAY_LEDGER_ORIGIN: origin = '', JETWAY_LEDGER_KEY_FILE: keyFile = '' } =
  settings.environment;
const verifierKey = formatVerifierKey(
  verifierKeyOf(origin, createPrivateKey(readFileSync(keyFile))),
);
const { ownerUrl, gatewayUrl } = settings.database;
await owner.query('create table saved_events as table ledger_events');

t.test('an operator gets the key for auditors from the settings alone', async (t) => {
  const unreachable = { JETWAY_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
  const { JETWAY_DATABASE_URL_FILE: _, ...env } = settings.environment;
  const told = await typed({ ...env, ...unreachable }, 'ledger key');
  t.same(told, { code: 0, out: verifierKey, err: '' });
  t.match(await typed({}, 'ledger key'), { code: 1, err: /JETWAY_LEDGER_KEY_FILE: is not set/ });
});

t.test('rows that the gateway never writes end it as findings, and nothing is lost', async (t) => {
  t.match(await jetway('ledger verify'), { code: 0, out: /the ledger verifies$/ });
  await owner.query('alter table endpoints rename to elsewhere');
  const renamed = await jetway('ledger verify');
  await owner.query('alter table elsewhere rename to endpoints');
  t.match(renamed, {
    code: 1,
    err: /in the register or the agreements is what the gateway never writes.*\n.*given up after 1 findings$/,
  });
  t.notMatch(renamed.out, /the ledger verifies/);

  await owner.query(`update ledger_events set outcome = 'failed' where index = 1;
    alter table ledger_events alter at drop not null; update ledger_events set at = null where index = 2`);
  const odd = await jetway('ledger verify --json');
  await owner.query(`update ledger_events set outcome = 'done' where index = 1;
    update ledger_events e set at = s.at from saved_events s where s.index = e.index`);
  t.equal(odd.code, 1);
  t.match(JSON.parse(odd.out), {
    findings: [
      { log: 1, index: 1 },
      { log: 1, finding: /never writes/ },
    ],
    isComplete: false,
  });
  t.match(await jetway('ledger verify'), { code: 0, out: /the ledger verifies$/ });
});

t.test(
  'a verification that breaks off says what it had found, and that it broke off',
  async (t) => {
    await owner.query(`update ledger_events set outcome = 'failed' where index = 1;
    revoke select on ledger_head from jetway_gateway`);
    const broken = await jetway('ledger verify');
    const json = await jetway('ledger verify --json');
    await owner.query(`update ledger_events set outcome = 'done' where index = 1`);
    const nothingFound = await jetway('ledger verify');
    await owner.query('grant select on ledger_head to jetway_gateway');
    t.match(broken, {
      code: 3,
      err: /entry 1: the search outcome(.|\n)*given up after 1 findings\nthe verification broke off\n {2}permission denied/,
    });
    t.match(JSON.parse(json.out), { findings: [{ index: 1 }], isComplete: false });
    t.equal(json.code, 3);
    t.match(nothingFound, {
      ...{ code: 3, out: '', err: /URL_FILE denies the login a right: permission denied/ },
    });
  },
);

t.test(
  'a grant that was taken from the gateway is a finding, and an auditor is told which are missing',
  async (t) => {
    const asAuditor = (...flags: string[]) =>
      typed(
        { JETWAY_DATABASE_URL: gatewayUrl },
        'ledger verify',
        '--verifier-key',
        verifierKey,
        ...flags,
      );
    const granted = { code: 0, out: /the ledger verifies$/ };
    const notCompared = /were not compared: this login may not read overrides, person_names$/m;
    const finding =
      /^log 1: this login may not read overrides, person_names: the gateway's own may$/m;
    await owner.query('revoke select on overrides, person_names from jetway_gateway');
    const told = [
      await jetway('ledger verify'),
      await jetway('ledger verify --require-state'),
      await asAuditor('--require-state'),
    ];
    const auditor = await asAuditor();
    const json = await asAuditor('--json');
    await owner.query('grant select on overrides, person_names to jetway_gateway');
    for (const each of told) t.match(each, { code: 1, err: finding });
    t.match(auditor, { ...granted, err: notCompared });
    t.notMatch(auditor.err, finding);
    t.match(JSON.parse(json.out), {
      ...{ findings: [], isStateCompared: false, unreadable: ['overrides', 'person_names'] },
    });
    t.match(await jetway('ledger verify'), { ...granted, err: '' });
    t.match(await asAuditor('--require-state'), granted);
    t.notMatch((await asAuditor('--require-state')).err, /not compared/);
  },
);

t.test('a database that cannot be asked is no finding', async (t) => {
  for (const url of [
    'postgres://nobody@127.0.0.1:1/none',
    'postgres://[',
    ownerUrl.replace('/jetway', '/none'),
  ]) {
    const env = { JETWAY_DATABASE_URL: url };
    t.match(
      await typed(env, 'ledger verify --verifier-key', verifierKey),
      { code: 3, out: '', err: /^the database of JETWAY_DATABASE_URL [^\n]*$/ },
      url,
    );
  }
});
