/**
 * One question: what does a connection cost the gateway, admitted or refused? Full mutual-TLS handshakes
 * through the real door, one request each, without a database, in alternating rounds: the server's key and
 * the partner's certificate of either kind, and the refusals that anybody can provoke. It says how much
 * keep-alive saves, why the server's key is P-256, and what a flood of strangers takes.
 *
 * `node bench/handshake.ts [--quick]`: about forty seconds, or ten.
 */
import { parseArgs } from 'node:util';
import { systemClock } from '../src/clock.ts';
import type { DoorOrder } from './servers/door.ts';
import { issueCertificates, type KeyKind } from './support/certificates.ts';
import { type Child, startChild } from './support/child.ts';
import type { ConnectionOrder, ConnectionReport } from './support/connection-load.ts';
import { cpuMicroseconds } from './support/process-cpu.ts';
import { median, report } from './support/table.ts';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' } } });
const plan = flags.quick ? { rounds: 1, measureMs: 800 } : { rounds: 3, measureMs: 1_500 };
const connections = 8;

interface Visitor {
  name: string;
  status: number;
  cert?: string;
  key?: string;
}

interface Case extends Visitor {
  server: string;
  port: number;
  pid: number;
  perSecond: number[];
  cpuUs: number[];
}

const now = systemClock.now();
const certificates = issueCertificates(now);
const strangers = issueCertificates(now);
const partners = {
  'P-256': certificates.client('X81001', 'P-256'),
  'RSA-2048': certificates.client('X81001', 'RSA-2048'),
};
const registered = [partners['P-256'].fingerprint256, partners['RSA-2048'].fingerprint256];
const unregistered = certificates.client('X81002', 'P-256');
const untrusted = strangers.client('X81001', 'P-256');
const admitted: readonly Visitor[] = [
  { name: 'P-256 certificate', status: 200, ...partners['P-256'] },
  { name: 'RSA-2048 certificate', status: 200, ...partners['RSA-2048'] },
];
const refused: readonly Visitor[] = [
  { name: 'refused: not registered', status: 403, ...unregistered },
  { name: 'refused: authority not trusted', status: 401, ...untrusted },
  { name: 'refused: no certificate', status: 401 },
];

async function openDoor(door: Child, kind: KeyKind, visitors: readonly Visitor[]): Promise<Case[]> {
  const { cert, key } = certificates.server(kind);
  const { port } = await door.ask<DoorOrder, { port: number }>({
    certificate: cert,
    privateKey: key,
    clientCa: certificates.clientCa,
    registered,
  });
  const { pid } = door;
  return visitors.map((one) => ({ ...one, server: kind, port, pid, perSecond: [], cpuUs: [] }));
}

async function measure(load: Child, one: Case, durationMs: number): Promise<void> {
  const { name, port, pid, status, cert, key } = one;
  const before = cpuMicroseconds([pid]);
  const { completed, elapsedMs, statuses } = await load.ask<ConnectionOrder, ConnectionReport>({
    port,
    ca: certificates.serverCa,
    connections,
    durationMs,
    ...(cert !== undefined && key !== undefined && { cert, key }),
  });
  if (statuses[status] !== completed) {
    throw new Error(`${name}: answered with ${JSON.stringify(statuses)}`);
  }
  one.perSecond.push((completed * 1_000) / elapsedMs);
  one.cpuUs.push((cpuMicroseconds([pid]) - before) / completed);
}

function rowOf({ server, name, perSecond, cpuUs }: Case) {
  return {
    connection: `${server} server, ${name}`,
    'a second': Math.round(median(perSecond)),
    'CPU µs each': Math.round(median(cpuUs)),
  };
}

const load = startChild(new URL('support/connection-load.ts', import.meta.url));
const doorFile = new URL('servers/door.ts', import.meta.url);
const doors = [startChild(doorFile), startChild(doorFile)] as const;
try {
  const cases = [
    ...(await openDoor(doors[0], 'P-256', [...admitted, ...refused])),
    ...(await openDoor(doors[1], 'RSA-2048', admitted)),
  ];
  for (const one of cases) await measure(load, one, plan.measureMs);
  for (const one of cases) {
    one.perSecond = [];
    one.cpuUs = [];
  }
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const one of cases) await measure(load, one, plan.measureMs);
  }
  const rows = cases.map(rowOf);
  report('What does a connection cost?', rows, { bench: 'handshake', rows });
} finally {
  await Promise.all([load, ...doors].map((child) => child.stop()));
}
