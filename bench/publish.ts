/**
 * One question: what does publishing a record cost beside merely receiving it? The same PUT of about 3 kB
 * to an echo and to the gateway, which validates it against its schema, stores a new version, keeps the
 * receipt and records it, in alternating rounds of one run with fsync on. Writers go one after the other
 * within a ledger transaction, so this is the expensive call; people are published far less than pulled.
 *
 * `node bench/publish.ts [--quick] [--profile]`: about a minute, or a quarter.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/clock.ts';
import { foundBorough } from './support/borough.ts';
import { assembleFleet } from './support/fleet.ts';
import { type Measurement, measure, medianOf } from './support/measurement.ts';
import { recordType, summaryText } from './support/people.ts';
import { report } from './support/table.ts';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, profile: { type: 'boolean' } },
});
const plan = flags.quick
  ? { rounds: 1, warmUpMs: 1_000, measureMs: 1_000 }
  : { rounds: 3, warmUpMs: 3_000, measureMs: 3_000 };
const profileDir = fileURLToPath(new URL('../var/profiles', import.meta.url));
const connectionCounts = [1, 10, 50];

const borough = await foundBorough({ withRecords: false });
const fleet = assembleFleet(borough);
try {
  const servers = [
    await fleet.startEcho(''),
    await fleet.startGateway(flags.profile ? profileDir : undefined),
  ];
  const asAt = systemClock.now();
  const bodies = borough.people.map((person) => summaryText(asAt, person));
  const { cert, key } = borough.council;
  const common = {
    identity: { ca: borough.serverCa, cert, key },
    requests: {
      kind: 'publish' as const,
      paths: borough.people.map(
        ({ ofCouncil }) => `/v1/clients/${ofCouncil}/records/${recordType}`,
      ),
      bodies,
    },
  };
  const cells = connectionCounts.flatMap((connections) =>
    servers.map((server) => ({ connections, server, measured: [] as Measurement[] })),
  );
  for (const server of servers) {
    await measure(fleet.load, server, { ...common, connections: 50, durationMs: plan.warmUpMs });
  }
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const { connections, server, measured } of cells) {
      const order = { ...common, connections, durationMs: plan.measureMs };
      measured.push(await measure(fleet.load, server, order));
    }
  }
  const rows = cells.map(({ connections, server, measured }) => {
    const one = medianOf(measured);
    const echo = cells.find((cell) => cell.connections === connections);
    return {
      connections,
      server: server.name,
      'publishes/s': Math.round(one.perSecond),
      'p50 ms': one.p50Ms.toFixed(2),
      'p99 ms': one.p99Ms.toFixed(2),
      'node µs': one.serverUs.toFixed(0),
      'postgres µs': one.databaseUs.toFixed(0),
      'CPU µs each': one.totalUs.toFixed(0),
      'x echo': (one.totalUs / medianOf(echo?.measured ?? []).totalUs).toFixed(2),
    };
  });
  const bytes = Buffer.byteLength(bodies[0] ?? '');
  report(`What does publishing ${bytes} bytes cost?`, rows, { bench: 'publish', rows });
} finally {
  await fleet.stop();
  await borough.remove();
}
