/** The floor of a delivery: the same bytes, posted by undici over as many connections, and nothing else done. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { clientTlsOptions } from '../../src/pki/client-tls-options.ts';
import type { Identity } from '../support/load.ts';
import { performOrders } from '../support/orders.ts';

export interface PosterOrder {
  ports: readonly number[];
  identity: Identity;
  headers: Readonly<Record<string, string>>;
  body: string;
  connectionsEach: number;
  /** All together. */
  count: number;
}

const pools = new Map<number, Pool>();

function poolOf(port: number, { identity, connectionsEach }: PosterOrder): Pool {
  const held = pools.get(port);
  if (held) return held;
  const {
    port: _port,
    timeout: _timeout,
    ...tls
  } = clientTlsOptions({
    ...{ mode: 'intermediate', host: 'localhost', authorities: [identity.ca] },
    ...{ certificate: identity.cert, privateKey: identity.key },
  });
  const pool = new Pool(`https://localhost:${port}`, {
    ...{ connections: connectionsEach, pipelining: 1, allowH2: false, connect: tls },
  });
  pools.set(port, pool);
  return pool;
}

await performOrders(async (order: PosterOrder) => {
  const { ports, headers, body, connectionsEach, count } = order;
  let left = count;
  const drive = async (pool: Pool) => {
    while (left > 0) {
      left -= 1;
      const id = randomUUID();
      const fields = { ...headers, 'jetway-delivery': id, 'idempotency-key': id };
      const answer = await pool.request({ method: 'POST', path: '/', headers: fields, body });
      const said: { delivery?: string } = JSON.parse(await answer.body.text());
      if (answer.statusCode !== 200 || said.delivery !== id) throw new Error('not received');
    }
  };
  await Promise.all(
    ports.flatMap((port) => {
      const pool = poolOf(port, order);
      return Array.from({ length: connectionsEach }, () => drive(pool));
    }),
  );
  return { posted: count };
});
