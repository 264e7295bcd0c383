/**
 * The load, as a process of its own whose processor time counts for nobody: keep-alive connections over
 * mutual TLS, one request in flight on each. Connections stay open from one order to the next while the
 * target is the same, so that a warm-up leaves no handshake to the measurement.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, type Dispatcher } from 'undici';
import { systemClock } from '../../src/clock.ts';
import type { LoadOrder, LoadReport, Requests } from './load.ts';
import { performOrders } from './orders.ts';

interface Answer {
  status: number;
  etag: string | undefined;
}

let open: { key: string; clients: readonly Client[] } = { key: '', clients: [] };
let received = 0;
/** By port and path: what the next update of a record is conditional on. */
const etags = new Map<string, string>();

function clientsFor({ port, identity, connections }: LoadOrder): readonly Client[] {
  const key = `${port} ${connections} ${identity.cert}`;
  if (open.key === key) return open.clients;
  for (const client of open.clients) void client.destroy();
  const clients = Array.from(
    { length: connections },
    () => new Client(`https://127.0.0.1:${port}`, { connect: { ...identity }, allowH2: false }),
  );
  open = { key, clients };
  return clients;
}

function send(client: Client, options: Dispatcher.DispatchOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const answer: Answer = { status: 0, etag: undefined };
    client.dispatch(options, {
      onRequestStart() {},
      onResponseStart(_controller, status, { etag }) {
        answer.status = status;
        answer.etag = typeof etag === 'string' ? etag : undefined;
      },
      onResponseData(_controller, chunk) {
        received += chunk.length;
      },
      onResponseEnd: () => resolve(answer),
      onResponseError: (_controller, error) => reject(error),
    });
  });
}

async function request(
  client: Client,
  requests: Requests,
  port: number,
  at: number,
): Promise<number> {
  const place = at % requests.paths.length;
  const path = requests.paths[place] ?? '/';
  if (requests.kind === 'pull') {
    const headers = { 'purpose-of-use': 'TREAT' };
    return (await send(client, { method: 'GET', path, headers })).status;
  }
  const known = etags.get(`${port}${path}`);
  const { status, etag } = await send(client, {
    method: 'PUT',
    path,
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      ...(known === undefined ? { 'if-none-match': '*' } : { 'if-match': known }),
    },
    body: requests.bodies[place] ?? '',
  });
  if (etag !== undefined) etags.set(`${port}${path}`, etag);
  return status;
}

/** The place in the paths at which a connection begins, and how far it goes from one to the next. */
function courseOf({ requests, connections }: LoadOrder, connection: number) {
  return requests.kind === 'pull'
    ? { first: Math.floor((connection * requests.paths.length) / connections), step: 1 }
    : { first: connection, step: connections };
}

async function run(order: LoadOrder): Promise<LoadReport> {
  const { connections, durationMs, rate, requests, port } = order;
  const latencies: number[] = [];
  const failed: Record<string, number> = {};
  received = 0;
  const startedMs = systemClock.monotonicMs();
  const endMs = startedMs + durationMs;

  async function drive(client: Client, connection: number): Promise<void> {
    const { first, step } = courseOf(order, connection);
    for (let count = 0; ; count += 1) {
      let dueMs = systemClock.monotonicMs();
      if (rate !== undefined) {
        const waitMs = startedMs + ((count * connections + connection) * 1_000) / rate - dueMs;
        dueMs += waitMs;
        if (waitMs > 0 && dueMs < endMs) await pause(waitMs);
      }
      if (dueMs >= endMs || systemClock.monotonicMs() >= endMs) return;
      // a timer may fire a little early
      const fromMs = Math.min(dueMs, systemClock.monotonicMs());
      const status = await request(client, requests, port, first + count * step);
      latencies.push(systemClock.monotonicMs() - fromMs);
      if (status !== 200 && status !== 201) failed[status] = (failed[status] ?? 0) + 1;
    }
  }

  await Promise.all(clientsFor(order).map(drive));
  const sorted = latencies.sort((a, b) => a - b);
  const quantile = (part: number) => sorted[Math.floor(part * sorted.length)] ?? 0;
  return {
    completed: sorted.length,
    failed,
    receivedBytes: received,
    elapsedMs: systemClock.monotonicMs() - startedMs,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}

await performOrders(run);
