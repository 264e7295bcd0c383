/**
 * The endpoint of a partner of the sandbox, on any free port with a certificate made for this run. It verifies what it
 * is pushed, and is well-behaved but for when the play wants it busy.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type Endpoint, parseEndpointUrl } from '../participants/endpoint.ts';
import { type PartnerEndpoint, startPartnerEndpoint } from '../partner/partner-endpoint.ts';
import type { CertificateAuthority } from '../pki/certificate-authority.ts';
import { issueServerCertificate } from '../pki/leaf-certificate.ts';
import type { BoroughParticipant } from './borough.ts';
import { makeKey } from './sandbox-keys.ts';

export interface SandboxEndpoint extends PartnerEndpoint {
  odsCode: string;
  /** As an operator registers it. */
  registration: Endpoint;
  /** Whether it asks for another try later, whatever comes. */
  setBusy(isBusy: boolean): void;
}

export interface SandboxEndpointOptions {
  participant: BoroughParticipant;
  /** Issues the endpoint's certificate. */
  serverAuthority: CertificateAuthority;
  /** PEM: whose client certificates are taken. */
  clientAuthority: string;
  /** The gateway's, for deliveries. */
  gatewayKey: KeyObject;
  clock: Clock;
}

export async function startSandboxEndpoint(
  options: SandboxEndpointOptions,
): Promise<SandboxEndpoint> {
  const { participant, serverAuthority, clientAuthority, gatewayKey, clock } = options;
  const { odsCode, name } = participant;
  const key = await makeKey('p-256');
  const certificate = issueServerCertificate(serverAuthority, {
    now: clock.now(),
    publicKey: createPublicKey(key),
  });
  let isBusy = false;
  const endpoint = await startPartnerEndpoint({
    tls: {
      certificate: certificate.toString(),
      privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      clientAuthorities: [clientAuthority],
    },
    ...{ clock, gatewayKey, about: { odsCode, name } },
    manners: () => (isBusy ? '503-retry-after' : 'ok'),
  });
  return {
    ...endpoint,
    odsCode,
    registration: {
      odsCode,
      url: parseEndpointUrl(`${endpoint.url}/deliveries`).href,
      anchors: [serverAuthority.certificate.toString()],
      recordTypes: undefined,
    },
    setBusy(wanted) {
      isBusy = wanted;
    },
  };
}
