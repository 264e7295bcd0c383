/** The exchange door alone, before an answer that costs nothing: what a connection costs, without a database. */
import fastify from 'fastify';
import { defaultDoorLimits } from '../../src/api/door-limits.ts';
import { createExchangeDoor } from '../../src/api/exchange-door.ts';
import { systemClock } from '../../src/clock.ts';
import { serverTlsOptions } from '../../src/pki/server-tls-options.ts';
import { performOrders } from '../support/orders.ts';

export interface DoorOrder {
  certificate: string;
  privateKey: string;
  clientCa: string;
  /** Fingerprints of the certificates that the register holds. */
  registered: readonly string[];
}

await performOrders(async (order: DoorOrder) => {
  const { certificate, privateKey, clientCa, registered } = order;
  const door = createExchangeDoor({
    tls: serverTlsOptions({
      mode: 'intermediate',
      certificate,
      privateKey,
      clientAuthorities: [clientCa],
    }),
    limits: defaultDoorLimits,
    clock: systemClock,
    admit: ({ fingerprint256 }) =>
      registered.includes(fingerprint256)
        ? { kind: 'admitted', odsCode: 'X81001', system: 'main' }
        : { kind: 'refused', code: 'CERTIFICATE_UNKNOWN' },
    isOpen: () => ({ open: true }),
    onRefused() {},
    onUnreadable() {},
    onUnspoken() {},
  });
  const { serverFactory, clientErrorHandler } = door;
  const app = fastify({ https: null, serverFactory, clientErrorHandler });
  app.get('/', async () => ({ entered: true }));
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { port: Number(new URL(address).port) };
});
