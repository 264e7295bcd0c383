/**
 * Nodes are killed and frozen, PostgreSQL is killed, endpoints fail, people withdraw: each item arrives once in effect
 * and in order, or its sender is told once; and nothing is sent that may not be. `npm run bench -- relay-under-kills`
 * runs the same with ten thousand items.
 */
import t from 'tap';
import { systemClock } from '../../src/clock.ts';
import { openDatabase } from '../../src/database/database.ts';
import { stateVerification } from '../../src/exchange/verification/state-verification.ts';
import { logSigner } from '../../src/ledger/log-checkpoint.ts';
import { verifyLedger } from '../../src/ledger/verification/verify-ledger.ts';
import { loadKeyFile } from '../../src/pki/key-file.ts';
import { deliverUnderKills } from '../support/relay-under-kills.ts';
import { findingsOf } from '../support/soak-findings.ts';

t.setTimeout(220_000);

t.test('whoever is killed or frozen meanwhile', async (t) => {
  const report = await deliverUnderKills(t, {
    ...{ people: 10, itemsPerPerson: 10, concurrency: 5, itemsPerFault: 30 },
  });
  const { environment, database: server } = report.settings;
  const database = openDatabase({ url: server.ownerUrl, max: 2 });
  t.teardown(() => database.end());
  const { figures, ...findings } = await findingsOf(report, database);
  t.comment(JSON.stringify(figures));
  t.ok(figures.nodeKills + figures.databaseKills + figures.freezes > 0, 'somebody was');
  t.strictSame(
    findings.lost,
    [],
    'what was acknowledged arrives once in effect, or is reported once',
  );
  t.strictSame(findings.unacknowledged, [], 'and nothing is sent that nobody was told of');
  t.strictSame(findings.outOfOrder, [], 'each person’s deliveries arrive in order');
  t.strictSame(findings.late, [], 'nothing is sent on an authorisation that is dead');
  t.strictSame(findings.afterWithdrawal, [], 'nothing is authorised behind a withdrawal');
  t.strictSame(findings.unexplained, [], 'attempts without an outcome are those of killed nodes');
  const { JETWAY_LEDGER_KEY_FILE: keyFile = '', JETWAY_CHECKPOINT_FILE: checkpointFile = '' } =
    environment;
  const verifier = logSigner('gateway.example/audit', loadKeyFile(keyFile).key);
  const evidence = { verifier, checkpointFile, clock: systemClock };
  const verified = await verifyLedger(database, evidence, stateVerification);
  t.strictSame(verified.findings, [], 'and the ledger verifies');
  t.equal(verified.isStateCompared, true);
});
