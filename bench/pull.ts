/**
 * One question: what does a disclosure cost beside doing nothing at all, beside merely recording it, and beside the
 * obvious way of doing it? Four servers, the same TLS policy, the same bytes, fsync on, in alternating rounds of one
 * run: an echo that decides and records nothing, a recorder that decides nothing, a naive server that reads and
 * commits for each request, and the gateway. Processor time of server and PostgreSQL for each pull; the ratios are
 * what to compare.
 *
 * `node bench/pull.ts [--quick] [--profile]`: six minutes and a half, or 40 seconds.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/database/database.ts';
import { createAuditTable } from './servers/naive-store.ts';
import { type Borough, foundBorough } from './support/borough.ts';
import { assembleFleet, type Fleet } from './support/fleet.ts';
import type { LoadOrder } from './support/load.ts';
import { type Measurement, measure, medianOf, type Server } from './support/measurement.ts';
import { recordType } from './support/people.ts';
import { type Row, report } from './support/table.ts';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, profile: { type: 'boolean' } },
});
const plan = flags.quick
  ? { rounds: 1, forgotten: 0, warmUpMs: 1_000, settleMs: 200, measureMs: 1_000 }
  : { rounds: 3, forgotten: 1, warmUpMs: 30_000, settleMs: 300, measureMs: 3_000 };
const profileDir = fileURLToPath(new URL('../var/profiles', import.meta.url));

interface Mode {
  name: string;
  connections: number;
  /** Offered at one equal rate; as fast as it goes otherwise. */
  isPaced: boolean;
}

const modes: readonly Mode[] = [
  { name: 'saturated, 1 connection', connections: 1, isPaced: false },
  { name: 'saturated, 10 connections', connections: 10, isPaced: false },
  { name: 'saturated, 50 connections', connections: 50, isPaced: false },
  { name: 'equal rate, 50 connections', connections: 50, isPaced: true },
];
/** Of what the gateway managed at 50 connections in the same round. */
const pacedPart = 0.7;

type Results = Map<string, Measurement[]>;
const keyOf = (mode: Mode, server: Server) => `${mode.name} ${server.name}`;

async function startServers(borough: Borough, fleet: Fleet): Promise<readonly Server[]> {
  const { postgres } = borough;
  const own = await postgres.createDatabase('recorder', 'jetway');
  const copy = await postgres.createDatabase('naive', 'jetway');
  const owner = openDatabase({ url: copy.ownerUrl, max: 1 });
  await createAuditTable(owner);
  await owner.end();
  return [
    await fleet.startEcho(borough.body),
    await fleet.startRecorder(own.gatewayUrl, borough.body),
    await fleet.startNaive(copy.gatewayUrl),
    await fleet.startGateway(flags.profile ? profileDir : undefined),
  ];
}

async function runRounds(borough: Borough, { load }: Fleet, servers: readonly Server[]) {
  const results: Results = new Map();
  const { cert, key } = borough.centre;
  const common: Omit<LoadOrder, 'port' | 'connections' | 'durationMs'> = {
    identity: { ca: borough.serverCa, cert, key },
    requests: {
      kind: 'pull',
      paths: borough.people.map(({ ofCentre }) => `/v1/clients/${ofCentre}/records/${recordType}`),
    },
  };
  for (const server of servers) {
    await measure(load, server, { ...common, connections: 50, durationMs: plan.warmUpMs });
  }
  for (let round = -plan.forgotten; round < plan.rounds; round += 1) {
    let gatewayPerSecond = 0;
    for (const mode of modes) {
      for (const server of servers) {
        const order = {
          ...common,
          connections: mode.connections,
          ...(mode.isPaced && { rate: gatewayPerSecond * pacedPart }),
        };
        await measure(load, server, { ...order, durationMs: plan.settleMs });
        const measured = await measure(load, server, { ...order, durationMs: plan.measureMs });
        if (round >= 0) {
          const key = keyOf(mode, server);
          results.set(key, [...(results.get(key) ?? []), measured]);
        }
        if (server.name === 'gateway' && !mode.isPaced) gatewayPerSecond = measured.perSecond;
      }
    }
  }
  return results;
}

function summarise(results: Results, servers: readonly Server[]) {
  const rows: Row[] = [];
  const ratios: Record<string, { toEcho: number; toRecorder: number; toNaive: number }> = {};
  for (const mode of modes) {
    const cost = new Map<string, number>();
    for (const server of servers) {
      const one = medianOf(results.get(keyOf(mode, server)) ?? []);
      cost.set(server.name, one.totalUs);
      rows.push({
        mode: mode.name,
        server: server.name,
        'pulls/s': Math.round(one.perSecond),
        'p50 ms': one.p50Ms.toFixed(2),
        'p99 ms': one.p99Ms.toFixed(2),
        'node µs': one.serverUs.toFixed(0),
        'postgres µs': one.databaseUs.toFixed(0),
        'CPU µs/pull': one.totalUs.toFixed(0),
        'x echo': (one.totalUs / (cost.get('echo') ?? Number.NaN)).toFixed(2),
      });
    }
    const ours = cost.get('gateway') ?? Number.NaN;
    const to = (name: string) => Number((ours / (cost.get(name) ?? Number.NaN)).toFixed(2));
    ratios[mode.name] = { toEcho: to('echo'), toRecorder: to('recorder'), toNaive: to('naive') };
  }
  return { rows, ratios };
}

const borough = await foundBorough({ withRecords: true });
try {
  const fleet = assembleFleet(borough);
  try {
    const servers = await startServers(borough, fleet);
    const { rows, ratios } = summarise(await runRounds(borough, fleet, servers), servers);
    const bytes = Buffer.byteLength(borough.body);
    report(`What does a pull of ${bytes} bytes cost?`, rows, { bench: 'pull', ratios, rows });
  } finally {
    await fleet.stop();
  }
} finally {
  await borough.remove();
}
