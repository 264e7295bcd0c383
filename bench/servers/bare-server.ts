/** Fastify behind the gateway's TLS policy, and nothing else: what the floors of a comparison stand on. */
import fastify, { type FastifyInstance } from 'fastify';
import { serverTlsOptions } from '../../src/pki/server-tls-options.ts';

export interface BareServerOrder {
  certificate: string;
  privateKey: string;
  clientCa: string;
}

export const jsonType = 'application/json; charset=utf-8';

export function bareServer({ certificate, privateKey, clientCa }: BareServerOrder) {
  const clientAuthorities = [clientCa];
  const tls = serverTlsOptions({
    mode: 'intermediate',
    certificate,
    privateKey,
    clientAuthorities,
  });
  return fastify({ https: { ...tls, rejectUnauthorized: true } });
}

/** On any free port of the loopback address. */
export async function listen(app: Pick<FastifyInstance, 'listen'>): Promise<{ port: number }> {
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: Number(new URL(address).port) };
}
