/**
 * How often one certificate may ask, whatever it asks: by certificate, since many systems of a partner may
 * stand behind one address. Counted in this node's memory, so several nodes allow as many times more.
 */
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../errors/gateway-error.ts';
import type { ExchangeDoor } from './exchange-door.ts';

const minuteMs = 60_000;
const certificatesRemembered = 10_000;

const headersWithin = {
  'x-ratelimit-limit': false,
  'x-ratelimit-remaining': false,
  'x-ratelimit-reset': false,
};

/** Adds the hook; unknown routes are counted, too. `requestsPerMinute` 0 sets no limit. */
export async function limitRates(
  app: FastifyInstance,
  door: Pick<ExchangeDoor, 'peerOf'>,
  requestsPerMinute: number,
): Promise<void> {
  if (requestsPerMinute === 0) return;
  await app.register(rateLimit, {
    global: false,
    max: requestsPerMinute,
    timeWindow: minuteMs,
    cache: certificatesRemembered,
    keyGenerator: (request) => door.peerOf(request.raw.socket).fingerprint256,
    addHeadersOnExceeding: headersWithin,
    addHeaders: { ...headersWithin, 'retry-after': false },
    errorResponseBuilder: (_request, { ttl }) =>
      new GatewayError('RATE_LIMITED', { retryAfterSeconds: ttl / 1_000 }),
  });
  app.addHook('onRequest', app.rateLimit());
}
