/**
 * The operator's own door: plain HTTP, on loopback unless told otherwise, without logins and without anything
 * that needs one. `/livez` says that the process turns, `/readyz` whether it should be sent work.
 */
import { setTimeout as delay } from 'node:timers/promises';
import Fastify from 'fastify';

/** By name: `ok`, `ok, ` with a remark, or what is wrong; in a few constant words. */
export type ReadinessChecks = () => Promise<Readonly<Record<string, string>>>;

export interface OperationsServerOptions {
  host: string;
  /** 0 takes any free one. */
  port: number;
  checks: ReadinessChecks;
  metricsText: () => Promise<string>;
  /** How long the checks may take before the answer is 503. Default 2,000. */
  checksLimitMs?: number;
}

export interface OperationsServer {
  /** `http://127.0.0.1:9464` */
  url: string;
  close(): Promise<void>;
}

const pages: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

async function readiness(
  options: OperationsServerOptions,
): Promise<Readonly<Record<string, string>>> {
  const giveUp = new AbortController();
  try {
    return await Promise.race([
      options.checks(),
      delay(
        options.checksLimitMs ?? 2_000,
        { checks: 'did not finish in time' },
        { signal: giveUp.signal },
      ),
    ]);
  } catch {
    // Whatever the checks threw may quote a host or a query: not for a door without logins.
    return { checks: 'failed' };
  } finally {
    giveUp.abort();
  }
}

export async function startOperationsServer(
  options: OperationsServerOptions,
): Promise<OperationsServer> {
  const server = Fastify({
    logger: false,
    requestTimeout: 10_000,
    bodyLimit: 1_024,
    forceCloseConnections: true,
  });
  server.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  server.setNotFoundHandler((request, reply) =>
    pages.has(request.url)
      ? reply.code(405).header('allow', 'GET, HEAD').send({ status: 'GET it' })
      : reply.code(404).send({ status: 'no such page' }),
  );
  server.setErrorHandler((_error, _request, reply) => reply.code(500).send({ status: 'failed' }));
  server.get('/livez', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const checks = await readiness(options);
    const ready = Object.values(checks).every((outcome) => /^ok(?:,|$)/.test(outcome));
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not ready', checks });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await options.metricsText()),
  );
  const url = await server.listen({ host: options.host, port: options.port });
  return { url, close: () => server.close() };
}
