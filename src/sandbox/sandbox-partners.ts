/** All partners of the sandbox at the exchange door, each with its own certificate. */
import { readFileSync } from 'node:fs';
import { type PartnerClient, partnerClient, type Reply } from '../partner/partner-client.ts';
import { textOf } from '../partner/reply-members.ts';
import type { Credential, SandboxCertificates } from './sandbox-certificates.ts';

export interface SandboxPartners {
  /** By ODS code. Throws where there is no such participant. */
  get(odsCode: string): PartnerClient;
  /** Somebody whose certificate comes from another authority. */
  stranger: PartnerClient;
  close(): Promise<void>;
}

export function sandboxPartners(
  certificates: SandboxCertificates,
  origin: string,
): SandboxPartners {
  const clients = new Map(
    certificates.partners.map((partner) => [
      partner.odsCode,
      clientOf(certificates.caFile, partner, origin),
    ]),
  );
  const stranger = clientOf(certificates.caFile, certificates.stranger, origin);
  return {
    get(odsCode) {
      const client = clients.get(odsCode);
      if (!client) throw new Error(`${odsCode} takes no part in the sandbox`);
      return client;
    },
    stranger,
    async close() {
      await Promise.all([...clients.values(), stranger].map((client) => client.close()));
    },
  };
}

/** A client that trusts the sandbox's servers and shows this certificate, for any of its doors. */
function clientOf(caFile: string, credential: Credential, origin: string): PartnerClient {
  return partnerClient({
    origin,
    ca: readFileSync(caFile, 'utf8'),
    certificate: credential.certificate.toString(),
    privateKey: credential.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  });
}

/** The reply, where it has one of the statuses. Throws saying what failed and with which code. */
export function required(reply: Reply, statuses: readonly number[], what: string): Reply {
  if (statuses.includes(reply.status)) return reply;
  const faults = JSON.stringify(Reflect.get(Object(reply.body), 'errors') ?? []);
  throw new Error(`${what}: ${reply.status} ${textOf(reply.body, 'code')} ${faults}`);
}
