/** The endpoint of a partner of the sandbox, well-behaved, on any free port with a certificate made for this run. */
import { createPublicKey } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type PartnerEndpoint, startPartnerEndpoint } from '../partner/partner-endpoint.ts';
import type { CertificateAuthority } from '../pki/certificate-authority.ts';
import { issueServerCertificate } from '../pki/leaf-certificate.ts';
import type { BoroughParticipant } from './borough.ts';
import { makeKey } from './sandbox-keys.ts';

export interface SandboxEndpoint extends PartnerEndpoint {
  odsCode: string;
}

export interface SandboxEndpointOptions {
  participant: BoroughParticipant;
  /** Issues the endpoint's certificate. */
  serverAuthority: CertificateAuthority;
  /** PEM: whose client certificates are taken. */
  clientAuthority: string;
  clock: Clock;
}

export async function startSandboxEndpoint(
  options: SandboxEndpointOptions,
): Promise<SandboxEndpoint> {
  const { participant, serverAuthority, clientAuthority, clock } = options;
  const { odsCode, name } = participant;
  const key = await makeKey('p-256');
  const certificate = issueServerCertificate(serverAuthority, {
    now: clock.now(),
    publicKey: createPublicKey(key),
  });
  const endpoint = await startPartnerEndpoint({
    tls: {
      certificate: certificate.toString(),
      privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      clientAuthorities: [clientAuthority],
    },
    clock,
    about: { odsCode, name },
  });
  return { ...endpoint, odsCode };
}
