/**
 * Connections as a load, in a process of its own: each a full handshake, one request, its answer, the end.
 * TLS sessions are never resumed, as the gateway does not offer it.
 */
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import { systemClock } from '../../src/clock.ts';
import { performOrders } from './orders.ts';

export interface ConnectionOrder {
  port: number;
  ca: string;
  /** PEM; without them no certificate is presented. */
  cert?: string;
  key?: string;
  /** At the same time. */
  connections: number;
  durationMs: number;
}

export interface ConnectionReport {
  completed: number;
  elapsedMs: number;
  /** Connections by the status of their answer; 0 where none came. */
  statuses: Readonly<Record<string, number>>;
}

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

function visit(port: number, secureContext: SecureContext): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', secureContext });
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    // a refused connection may be cut under the request: what was answered by then counts
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Number(answer.split(' ')[1] ?? 0)));
    socket.write(request);
  });
}

await performOrders(async (order: ConnectionOrder): Promise<ConnectionReport> => {
  const { port, connections, durationMs, ca, cert, key } = order;
  const secureContext = createSecureContext({ ca, cert, key });
  const statuses: Record<string, number> = {};
  const startedMs = systemClock.monotonicMs();
  let completed = 0;

  async function drive(): Promise<void> {
    while (systemClock.monotonicMs() - startedMs < durationMs) {
      const status = await visit(port, secureContext);
      statuses[status] = (statuses[status] ?? 0) + 1;
      completed += 1;
    }
  }

  await Promise.all(Array.from({ length: connections }, drive));
  return { completed, statuses, elapsedMs: systemClock.monotonicMs() - startedMs };
});
