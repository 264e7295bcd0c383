/**
 * One measurement: a load on one server, and the processor time that the server and its database took for
 * it. Several of them become one by the median of each number.
 */
import type { Child } from './child.ts';
import type { LoadOrder, LoadReport } from './load.ts';
import { cpuMicroseconds } from './process-cpu.ts';
import { median } from './table.ts';

export interface Server {
  name: string;
  port: number;
  pid: number;
  /** The postmaster; undefined where the server has no database. */
  databasePid?: number;
}

export interface Measurement {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Microseconds of processor time for each request. */
  serverUs: number;
  databaseUs: number;
  totalUs: number;
}

/** Throws where a request was refused: then something else was measured. */
export async function measure(
  load: Child,
  server: Server,
  order: Omit<LoadOrder, 'port'>,
): Promise<Measurement> {
  const database = server.databasePid === undefined ? [] : [server.databasePid];
  const serverBefore = cpuMicroseconds([server.pid]);
  const databaseBefore = cpuMicroseconds(database);
  const report = await load.ask<LoadOrder, LoadReport>({ ...order, port: server.port });
  const { completed, elapsedMs, failed, p50Ms, p99Ms } = report;
  const serverUs = (cpuMicroseconds([server.pid]) - serverBefore) / completed;
  const databaseUs = (cpuMicroseconds(database) - databaseBefore) / completed;
  if (Object.keys(failed).length > 0) {
    throw new Error(`${server.name} answered with ${JSON.stringify(failed)}`);
  }
  const perSecond = (completed * 1_000) / elapsedMs;
  return { perSecond, p50Ms, p99Ms, serverUs, databaseUs, totalUs: serverUs + databaseUs };
}

export function medianOf(measurements: readonly Measurement[]): Measurement {
  const of = (member: keyof Measurement) => median(measurements.map((one) => one[member]));
  return {
    perSecond: of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    serverUs: of('serverUs'),
    databaseUs: of('databaseUs'),
    totalUs: of('totalUs'),
  };
}
