/**
 * A partner's endpoint of the partner kit, on loopback with the test authorities: well-behaved, or with the manners
 * that a test chooses for each request. Tells what it received and how often it was called.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { Endpoint } from '../../src/participants/endpoint.ts';
import {
  type PartnerEndpoint,
  type PartnerEndpointOptions,
  startPartnerEndpoint,
} from '../../src/partner/partner-endpoint.ts';
import {
  type TestCredential,
  testAuthorities,
  testClient,
  testServer,
} from './test-certificates.ts';
import { testClock } from './test-clock.ts';

export const endpointAuthorities = testAuthorities();
const gateway = testClient(endpointAuthorities.forClients, { odsCode: 'X09GW' });

/** What the gateway shows to endpoints, PEM. */
export const gatewayIdentity = { certificate: gateway.cert, privateKey: gateway.key };

/** Signs deliveries; endpoints of `startTestEndpoint` know its public half. */
export const deliveryKey = generateKeyPairSync('ed25519');

export interface TestEndpointOptions
  extends Partial<Omit<PartnerEndpointOptions, 'tls' | 'host' | 'port'>> {
  /** By the authority for servers, for loopback, where it is left out. */
  credential?: TestCredential;
  odsCode?: string;
  recordTypes?: ReadonlySet<string>;
}

export interface TestEndpoint extends PartnerEndpoint {
  /** As the register would hold it. */
  endpoint: Endpoint;
}

/** The clock, where none is given, is one that stands still. */
export async function startTestEndpoint(
  t: { teardown(undo: () => unknown): unknown },
  options: TestEndpointOptions = {},
): Promise<TestEndpoint> {
  const { forServers, forClients } = endpointAuthorities;
  const { credential = testServer(forServers), odsCode = 'X81001', recordTypes } = options;
  const started = await startPartnerEndpoint({
    clock: testClock(),
    gatewayKey: deliveryKey.publicKey,
    ...options,
    tls: {
      certificate: credential.cert,
      privateKey: credential.key,
      clientAuthorities: [forClients.certificate.toString()],
    },
  });
  t.teardown(() => started.stop());
  const anchors = [forServers.certificate.toString()];
  return {
    ...started,
    endpoint: { odsCode, url: `${started.url}/deliveries`, anchors, recordTypes },
  };
}
