/**
 * The floor: Fastify behind the same TLS policy, which answers with the same bytes and does nothing else.
 * Nobody is identified, nothing is decided, nothing is written down.
 */
import fastify from 'fastify';
import { serverTlsOptions } from '../../src/pki/server-tls-options.ts';
import { performOrders } from '../support/orders.ts';

export interface EchoOrder {
  certificate: string;
  privateKey: string;
  clientCa: string;
  /** What every GET is answered with. A PUT is answered with its own body. */
  body: string;
}

const type = 'application/json; charset=utf-8';

await performOrders(async ({ certificate, privateKey, clientCa, body }: EchoOrder) => {
  const clientAuthorities = [clientCa];
  const tls = serverTlsOptions({
    mode: 'intermediate',
    certificate,
    privateKey,
    clientAuthorities,
  });
  const app = fastify({ https: { ...tls, rejectUnauthorized: true } });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, sent, done) =>
    done(null, sent),
  );
  app.get('/*', (_request, reply) => reply.header('content-type', type).send(body));
  app.put('/*', (request, reply) =>
    reply.header('content-type', type).header('etag', '"1"').send(request.body),
  );
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: Number(new URL(address).port) };
});
