import { readFileSync } from 'node:fs';
import { foundBorough } from './support/borough.ts';
import { assembleFleet } from './support/fleet.ts';
import { measure } from './support/measurement.ts';
import { recordType } from './support/people.ts';
const env = process.env;
const secs = Number(env['SECS'] ?? 6);
const borough = await foundBorough({ withRecords: true });
const fleet = assembleFleet(borough);
const ticks = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ').slice(11, 13).map(Number) ?? [];
const threads = (pid: number) => { const v = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ').slice(11, 13).map(Number) ?? []; return (v[0] ?? 0) + (v[1] ?? 0); };
const csw = (pid: number) => Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
try {
  const servers = [];
  if (env['ECHO']) servers.push(await fleet.startEcho(borough.body));
  servers.push(await fleet.startGateway(env['PROF']));
  const { cert, key } = borough.centre;
  const common = { identity: { ca: borough.serverCa, cert, key }, requests: { kind: 'pull' as const, paths: borough.people.map(({ ofCentre }) => `/v1/clients/${ofCentre}/records/${recordType}`) } };
  const rate = env['RATE'] ? { rate: Number(env['RATE']) } : {};
  const connections = Number(env['CONNS'] ?? 50);
  if (connections !== 50) for (const s of servers) await measure(fleet.load, s, { ...common, connections: 50, durationMs: 8000 });
  for (const s of servers) for (let i = 0; i < secs; i++) {
    const [u0 = 0, s0 = 0] = ticks(s.pid); const m0 = threads(s.pid); const c0 = csw(s.pid);
    const m = await measure(fleet.load, s, { ...common, ...rate, connections, durationMs: 2000 });
    const [u1 = 0, s1 = 0] = ticks(s.pid); const m1 = threads(s.pid);
    const n = m.perSecond * 2;
    console.log(s.name, Math.round(m.perSecond), 'node', m.serverUs.toFixed(0), 'user', ((u1 - u0) * 1e4 / n).toFixed(0), 'sys', ((s1 - s0) * 1e4 / n).toFixed(0), 'main thread', ((m1 - m0) * 1e4 / n).toFixed(0), 'csw', ((csw(s.pid) - c0) / n).toFixed(2), 'pg', m.databaseUs.toFixed(0), 'p50', m.p50Ms.toFixed(1), 'p99', m.p99Ms.toFixed(1));
  }
} finally { await fleet.stop(); await borough.remove(); }
