/** The relay of one node, put together: endpoints are called with the gateway's own certificate and key. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { deliveryAuthoriser } from '../exchange/authorise-deliveries.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { deliverySettler } from '../exchange/settle-deliveries.ts';
import type { Register } from '../participants/register.ts';
import type { TlsMode } from '../pki/tls-policy.ts';
import type { Resolve } from './dial-endpoint.ts';
import {
  defaultEndpointLimits,
  type EndpointLimits,
  openConnection,
} from './endpoint-connection.ts';
import { pushDelivery } from './push-delivery.ts';
import { type RelayObservation, RelayWorker } from './relay-worker.ts';
import { keyIdOf } from './signing-key.ts';

export interface RelayOptions {
  exchange: Exchange;
  register(): Register | undefined;
  /** PEM: what the gateway shows to endpoints. */
  identity: { certificate: string; privateKey: string };
  /** Ed25519. */
  signingKey: KeyObject;
  tlsMode: TlsMode;
  allowsPrivateAddresses: boolean;
  connectionsPerEndpoint: number;
  limits?: EndpointLimits;
  resolve?: Resolve | undefined;
  /** Must not throw. */
  observe(observation: RelayObservation): void;
}

/** Not started yet. */
export function createRelay(options: RelayOptions): RelayWorker {
  const { exchange, identity, signingKey, tlsMode, allowsPrivateAddresses, resolve } = options;
  const { clock, database } = exchange;
  const signer = { keyId: keyIdOf(createPublicKey(signingKey)), privateKey: signingKey };
  const limits = options.limits ?? defaultEndpointLimits;
  return new RelayWorker({
    ...{ database, clock, register: options.register, observe: options.observe },
    connectionsPerEndpoint: options.connectionsPerEndpoint,
    authorise: deliveryAuthoriser(exchange),
    settle: deliverySettler(exchange),
    open: (endpoint) =>
      openConnection({
        ...{ endpoint, identity, tlsMode, allowsPrivateAddresses, resolve, limits, clock },
      }),
    push: (connection, authorised, { url: targetUri }) =>
      pushDelivery(connection, authorised, { targetUri, signer }),
  });
}
