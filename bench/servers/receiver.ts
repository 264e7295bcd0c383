/**
 * Recipients' endpoints in one process whose processor time counts for nobody: each takes a delivery, answers as
 * docs/endpoints.md has it, and remembers when it came. Nothing is verified: that would be the recipients' work.
 */
import { once } from 'node:events';
import { createServer } from 'node:https';
import { systemClock } from '../../src/clock.ts';
import { serverTlsOptions } from '../../src/pki/server-tls-options.ts';
import { performOrders } from '../support/orders.ts';

export type ReceiverOrder =
  /** So many endpoints, and one more that takes requests and never answers. */
  | { kind: 'listen'; certificate: string; privateKey: string; clientCa: string; count: number }
  /** What came since the last time, once it is so much, or after the limit whatever came. */
  | { kind: 'take'; count: number; limitMs: number };

export interface Arrivals {
  /** Epoch milliseconds, by delivery. */
  arrivals: readonly (readonly [delivery: string, atMs: number])[];
  /** One of them as it came. */
  sample: { headers: Readonly<Record<string, string>>; body: string } | undefined;
}

export interface Listening {
  ports: readonly number[];
}

const lookMs = 10;
let arrivals: (readonly [string, number])[] = [];
let sample: Arrivals['sample'];

async function listen(order: Extract<ReceiverOrder, { kind: 'listen' }>): Promise<Listening> {
  const { certificate, privateKey, clientCa, count } = order;
  const tls = serverTlsOptions({
    ...{ mode: 'intermediate', certificate, privateKey, clientAuthorities: [clientCa] },
  });
  const ports: number[] = [];
  for (let i = 0; i <= count; i += 1) {
    const doesAnswer = i < count;
    const server = createServer({ ...tls, rejectUnauthorized: true }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('error', () => undefined);
      request.on('end', () => {
        if (!doesAnswer) return;
        const delivery = String(request.headers['jetway-delivery']);
        arrivals.push([delivery, systemClock.now().getTime()]);
        sample ??= { headers: ownHeaders(request.rawHeaders), body: String(Buffer.concat(chunks)) };
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ delivery, status: 'received' }));
      });
    });
    server.keepAliveTimeout = 60_000;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address) ports.push(address.port);
  }
  return { ports };
}

/** Without those that every client makes itself. */
function ownHeaders(raw: readonly string[]): Record<string, string> {
  const names = raw.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  const pairs = names.map((name, i) => [name, raw[2 * i + 1] ?? ''] as const);
  const made = ['host', 'connection', 'content-length'];
  return Object.fromEntries(pairs.filter(([name]) => !made.includes(name)));
}

async function take(count: number, limitMs: number): Promise<Arrivals> {
  const endMs = systemClock.monotonicMs() + limitMs;
  while (arrivals.length < count && systemClock.monotonicMs() < endMs) {
    await new Promise((resume) => setTimeout(resume, lookMs));
  }
  const taken = { arrivals, sample };
  arrivals = [];
  return taken;
}

await performOrders(
  async (order: ReceiverOrder): Promise<Listening | Arrivals> =>
    order.kind === 'listen' ? listen(order) : take(order.count, order.limitMs),
);
