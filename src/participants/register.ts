/**
 * The register as a snapshot: which organisations take part, with which certificates and which keys for
 * user assertions. Immutable; carries the version of the ledger's head that it was read under.
 */
import type { OrgType } from '../consent/decision.ts';
import type { Endpoint } from './endpoint.ts';
import type { AssertionKey } from './user-assertion.ts';

export interface Participant {
  odsCode: string;
  name: string;
  kind: OrgType;
  status: 'active' | 'suspended';
  assertionKeys: readonly AssertionKey[];
}

export interface RegisteredCertificate {
  /** SHA-256 of the DER, 64 lower-case hex digits. */
  fingerprint256: string;
  odsCode: string;
  system: string;
  /** Epoch milliseconds. */
  notAfter: number;
  revoked: boolean;
}

export type Entry =
  | { kind: 'admitted'; participant: Participant; system: string }
  | {
      kind: 'refused';
      code: 'CERTIFICATE_UNKNOWN' | 'CERTIFICATE_REVOKED' | 'PARTICIPANT_SUSPENDED';
      odsCode: string | null;
    };

export interface Register {
  version: number;
  /** Where participants take deliveries; who has none has an inbox. */
  endpoints: ReadonlyMap<string, Endpoint>;
  participants: ReadonlyMap<string, Participant>;
  certificates: ReadonlyMap<string, RegisteredCertificate>;
}

/** Whether a certificate may enter now. Expiry is the caller's to check: it needs a clock. */
export function admit(register: Register, fingerprint256: string): Entry {
  const certificate = register.certificates.get(fingerprint256);
  const participant = certificate && register.participants.get(certificate.odsCode);
  if (!certificate || !participant) {
    return { kind: 'refused', code: 'CERTIFICATE_UNKNOWN', odsCode: null };
  }
  const { odsCode } = participant;
  if (certificate.revoked) return { kind: 'refused', code: 'CERTIFICATE_REVOKED', odsCode };
  if (participant.status !== 'active') {
    return { kind: 'refused', code: 'PARTICIPANT_SUSPENDED', odsCode };
  }
  return { kind: 'admitted', participant, system: certificate.system };
}
