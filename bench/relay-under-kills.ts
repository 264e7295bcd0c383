/**
 * One question: what becomes of ten thousand items when nodes are killed and frozen, PostgreSQL is killed, endpoints
 * fail and people withdraw meanwhile? The run of test/faults/relay-under-kills.test.ts, longer.
 *
 * `node bench/relay-under-kills.ts [--quick]`: a quarter of an hour or so, or two minutes.
 */
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/database/database.ts';
import { deliverUnderKills } from '../test/support/relay-under-kills.ts';
import { findingsOf } from '../test/support/soak-findings.ts';
import { report } from './support/table.ts';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' } } });
const soak = flags.quick
  ? { people: 40, itemsPerPerson: 20, concurrency: 8, itemsPerFault: 100 }
  : { people: 500, itemsPerPerson: 20, concurrency: 16, itemsPerFault: 250 };

const undo: (() => unknown)[] = [];
try {
  const run = await deliverUnderKills({ teardown: (step: () => unknown) => undo.push(step) }, soak);
  const database = openDatabase({
    ...{ url: run.settings.database.ownerUrl, max: 2 },
    statementTimeoutMs: 0,
  });
  undo.push(() => database.end());
  const { figures, ...findings } = await findingsOf(run, database);
  const broken = Object.entries(findings).map(([promise, those]) => ({
    promise,
    broken: those.length,
  }));
  const rows = [...Object.entries(figures).map(([figure, count]) => ({ figure, count }))];
  report('What becomes of items under kills?', rows, { bench: 'relay-under-kills', figures });
  report('Promises broken', broken, { bench: 'relay-under-kills', broken });
  if (broken.some((row) => row.broken > 0)) {
    process.stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
    process.exitCode = 1;
  }
} finally {
  for (const step of undo.reverse()) await step();
}
