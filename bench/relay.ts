/**
 * One question: what does a delivery cost beside a bare POST? The same bytes to the same kind of receivers, four with
 * eight connections each, by undici alone and by the gateway, which decides, records, signs and settles each, fsync on,
 * in alternating rounds of one run. Then deliveries at a rate, from accepted to received, with and without a dead and a
 * hanging endpoint beside the others.
 *
 * `node bench/relay.ts [--quick] [--profile]`: about two minutes, or forty seconds.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/clock.ts';
import type { PosterOrder } from './servers/poster.ts';
import type { Arrivals, Listening, ReceiverOrder } from './servers/receiver.ts';
import { foundBorough } from './support/borough.ts';
import { type Child, startChild } from './support/child.ts';
import { assembleFleet } from './support/fleet.ts';
import type { LoadOrder, LoadReport } from './support/load.ts';
import type { Server } from './support/measurement.ts';
import { type KnownPerson, recordType, summaryText } from './support/people.ts';
import { cpuMicroseconds } from './support/process-cpu.ts';
import { addRecipients, outboundOf, type RelayBorough } from './support/relay-borough.ts';
import { median, report } from './support/table.ts';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, profile: { type: 'boolean' } },
});
const plan = flags.quick
  ? { rounds: 1, queued: 500, pacedMs: 4_000 }
  : { rounds: 3, queued: 1_000, pacedMs: 8_000 };
const profileDir = fileURLToPath(new URL('../var/profiles', import.meta.url));
const recipients = 4;
const connectionsEach = 8;
/** People whose records are published at a rate: with each of these, so many deliveries a second. */
const paced = { people: 200, publishesPerSecond: 25, connections: 10 };
const limitMs = 120_000;

interface Round {
  perSecond: number;
  serverUs: number;
  databaseUs: number;
}

interface Latency {
  p50Ms: number;
  p99Ms: number;
}

const take = (receiver: Child, count: number, waitMs = limitMs) =>
  receiver.ask<ReceiverOrder, Arrivals>({ kind: 'take', count, limitMs: waitMs });

/** Processor time while `work` runs, for each of what arrived. */
async function measured(
  receiver: Child,
  { pid, databasePid }: Pick<Server, 'pid' | 'databasePid'>,
  count: number,
  work: () => Promise<unknown>,
): Promise<Round> {
  const database = databasePid === undefined ? [] : [databasePid];
  const before = [cpuMicroseconds([pid]), cpuMicroseconds(database)] as const;
  const [{ arrivals }] = await Promise.all([take(receiver, count), work()]);
  if (arrivals.length !== count) throw new Error(`${arrivals.length} of ${count} arrived`);
  const spanMs = (arrivals.at(-1)?.[1] ?? 0) - (arrivals[0]?.[1] ?? 0);
  return {
    perSecond: (count * 1_000) / spanMs,
    serverUs: (cpuMicroseconds([pid]) - before[0]) / count,
    databaseUs: (cpuMicroseconds(database) - before[1]) / count,
  };
}

async function untilSettled(relay: RelayBorough): Promise<void> {
  const endMs = systemClock.monotonicMs() + limitMs;
  while ((await relay.countOpen()) > 0) {
    if (systemClock.monotonicMs() > endMs) throw new Error('not all were settled');
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

async function drain(
  relay: RelayBorough,
  receiver: Child,
  gateway: Server,
  people: readonly KnownPerson[],
): Promise<Round> {
  await relay.setFlow(false);
  const count = await relay.fill(people);
  return measured(receiver, gateway, count, async () => {
    await relay.setFlow(true);
    await untilSettled(relay);
  });
}

async function latencyAtRate(
  relay: RelayBorough,
  receiver: Child,
  load: Child,
  order: LoadOrder,
): Promise<Latency> {
  await take(receiver, 0);
  const since = systemClock.now();
  const { failed } = await load.ask<LoadOrder, LoadReport>(order);
  if (Object.keys(failed).length > 0) throw new Error(`refused: ${JSON.stringify(failed)}`);
  await untilSettled(relay);
  const accepted = await relay.acceptedSince(since);
  const { arrivals } = await take(receiver, 0);
  const waits = arrivals.flatMap(([id, atMs]) => {
    const from = accepted.get(id);
    return from === undefined ? [] : [atMs - from];
  });
  const sorted = waits.sort((a, b) => a - b);
  const quantile = (part: number) => sorted[Math.floor(part * sorted.length)] ?? Number.NaN;
  return { p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

const over = <One>(all: readonly One[], of: (one: One) => number) => median(all.map(of));

const borough = await foundBorough({ withRecords: false, people: plan.queued + paced.people });
const outbound = outboundOf(borough);
const fleet = assembleFleet({ ...borough, environment: outbound.environment });
const [receiver, poster] = [
  startChild(new URL('servers/receiver.ts', import.meta.url)),
  startChild(new URL('servers/poster.ts', import.meta.url)),
];
try {
  const { ports } = await receiver.ask<ReceiverOrder, Listening>({
    ...{ kind: 'listen', certificate: borough.server.cert, privateKey: borough.server.key },
    ...{ clientCa: borough.clientCa, count: recipients },
  });
  const pacedPeople = borough.people.slice(0, paced.people);
  const queued = borough.people.slice(paced.people);
  const relay = await addRecipients(borough, ports, pacedPeople);
  const gateway = await fleet.startGateway(flags.profile ? profileDir : undefined);
  // a warm-up, and the bytes that the other posts
  await drain(relay, receiver, gateway, queued.slice(0, 200));
  await relay.fill(queued.slice(0, 1));
  const { sample } = await take(receiver, recipients);
  if (!sample) throw new Error('nothing came');
  const { cert, key } = outbound.leaf;
  const posts = (count: number): PosterOrder => ({
    ...{ ...sample, ports: ports.slice(0, recipients), connectionsEach, count },
    identity: { ca: borough.serverCa, cert, key },
  });
  const post = (count: number) =>
    measured(receiver, { pid: poster.pid }, count, () => poster.ask(posts(count)));
  await post(1_000);

  const [bare, relayed]: [Round[], Round[]] = [[], []];
  for (let round = 0; round < plan.rounds; round += 1) {
    bare.push(await post(plan.queued * recipients));
    relayed.push(await drain(relay, receiver, gateway, queued));
  }
  const order: LoadOrder = {
    port: gateway.port,
    identity: { ca: borough.serverCa, cert: borough.council.cert, key: borough.council.key },
    requests: {
      kind: 'publish',
      paths: pacedPeople.map(({ ofCouncil }) => `/v1/clients/${ofCouncil}/records/${recordType}`),
      bodies: pacedPeople.map((person) => summaryText(systemClock.now(), person)),
    },
    ...{ connections: paced.connections, rate: paced.publishesPerSecond },
    durationMs: plan.pacedMs,
  };
  await latencyAtRate(relay, receiver, fleet.load, { ...order, durationMs: 2_000 });
  const [well, sick]: [Latency[], Latency[]] = [[], []];
  for (let round = 0; round < plan.rounds; round += 1) {
    await relay.setSick(false);
    well.push(await latencyAtRate(relay, receiver, fleet.load, order));
    await relay.setSick(true);
    sick.push(await latencyAtRate(relay, receiver, fleet.load, order));
  }
  await relay.close();

  const totalOf = (one: Round) => one.serverUs + one.databaseUs;
  const rows = [
    { by: 'undici alone', rounds: bare },
    { by: 'gateway', rounds: relayed },
  ].map(({ by, rounds }) => ({
    by,
    'deliveries/s': Math.round(over(rounds, ({ perSecond }) => perSecond)),
    'node µs': over(rounds, ({ serverUs }) => serverUs).toFixed(0),
    'postgres µs': over(rounds, ({ databaseUs }) => databaseUs).toFixed(0),
    'CPU µs each': over(rounds, totalOf).toFixed(0),
    'x undici': (over(rounds, totalOf) / over(bare, totalOf)).toFixed(2),
  }));
  const bytes = Buffer.byteLength(sample.body);
  report(`What does delivering ${bytes} bytes cost?`, rows, { bench: 'relay', rows });
  const waits = [
    { endpoints: `${recipients} that answer`, of: well },
    { endpoints: 'and a dead and a hanging one', of: sick },
  ].map(({ endpoints, of }) => ({
    endpoints,
    'p50 ms': over(of, ({ p50Ms }) => p50Ms),
    'p99 ms': over(of, ({ p99Ms }) => p99Ms),
  }));
  const rate = paced.publishesPerSecond * recipients;
  const question = `From accepted to received by those that answer, ${rate} deliveries a second:`;
  report(`\n${question}`, waits, { bench: 'relay', waits });
} finally {
  await Promise.all([fleet.stop(), receiver.stop(), poster.stop()]);
  await borough.remove();
}
