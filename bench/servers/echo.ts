/**
 * The floor: Fastify behind the same TLS policy, which answers with the same bytes and does nothing else.
 * Nobody is identified, nothing is decided, nothing is written down.
 */
import { performOrders } from '../support/orders.ts';
import { type BareServerOrder, bareServer, jsonType, listen } from './bare-server.ts';

export interface EchoOrder extends BareServerOrder {
  /** What every GET is answered with. A PUT is answered with its own body. */
  body: string;
}

await performOrders(async ({ body, ...order }: EchoOrder) => {
  const app = bareServer(order);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, sent, done) =>
    done(null, sent),
  );
  app.get('/*', (_request, reply) => reply.header('content-type', jsonType).send(body));
  app.put('/*', (request, reply) =>
    reply.header('content-type', jsonType).header('etag', '"1"').send(request.body),
  );
  return listen(app);
});
