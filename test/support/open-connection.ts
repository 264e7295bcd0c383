/** Connections of the relay to test endpoints, and deliveries to post on them. */
import { randomUUID } from 'node:crypto';
import type { Endpoint } from '../../src/participants/endpoint.ts';
import { deliveryHeaders } from '../../src/relay/delivery-headers.ts';
import {
  type DeliveryRequest,
  defaultEndpointLimits,
  type EndpointConnection,
  type OpenOptions,
  openConnection,
} from '../../src/relay/endpoint-connection.ts';
import { type TestClock, testClock } from './test-clock.ts';
import { deliveryKey, gatewayIdentity } from './test-endpoint.ts';

export interface OpenedHere extends Partial<Omit<OpenOptions, 'limits' | 'endpoint'>> {
  limits?: Partial<OpenOptions['limits']>;
}

/** To loopback, which a gateway in production would have to be told to allow. */
export function openTo(endpoint: Pick<Endpoint, 'url' | 'anchors'>, options: OpenedHere = {}) {
  return openConnection({
    ...{ identity: gatewayIdentity, tlsMode: 'intermediate', allowsPrivateAddresses: true },
    clock: testClock(),
    ...options,
    endpoint,
    limits: { ...defaultEndpointLimits, ...options.limits },
  });
}

/** Throws where it does not open. */
export async function connectionTo(
  t: { teardown(undo: () => unknown): unknown },
  endpoint: Endpoint,
  options: OpenedHere = {},
): Promise<EndpointConnection> {
  const opened = await openTo(endpoint, options);
  if (opened.kind === 'failed') throw new Error(opened.code);
  t.teardown(() => opened.connection.close());
  return opened.connection;
}

export interface TestDelivery extends DeliveryRequest {
  deliveryId: string;
}

export interface DeliveryChanges {
  deliveryId?: string;
  sequence?: number;
  kind?: 'record' | 'retraction' | 'message';
  type?: string;
  body?: unknown;
  clock?: TestClock;
}

/** Signed, and authorised for five seconds from the clock's now. */
export function delivery({ url }: Endpoint, changes: DeliveryChanges = {}): TestDelivery {
  const { deliveryId = randomUUID(), sequence = 1, clock = testClock() } = changes;
  const { kind = 'record', type = 'social-care-summary/v1' } = changes;
  const body = Buffer.from(JSON.stringify(changes.body ?? { client: 'c1', sender: 'X09SC' }));
  const at = clock.now();
  const headers = deliveryHeaders({
    ...{ deliveryId, sequence, type, kind },
    ...{ mediaType: 'application/json', body, targetUri: url, at, ledgerIndex: 812 },
    goodUntil: new Date(at.getTime() + 5_000),
    signer: { keyId: 'gateway-1', privateKey: deliveryKey.privateKey },
  });
  return { deliveryId, headers, body, goodUntilMs: clock.monotonicMs() + 5_000 };
}
