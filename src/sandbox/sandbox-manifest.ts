/**
 * sandbox.json: what people's scripts and tests need to know of a running sandbox. Members may be added and
 * never change their meaning. Paths are relative to the project's root, or to JETWAY_SANDBOX_DIR.
 */
import type { BoroughParticipant } from './borough.ts';
import {
  type BundledCredential,
  type PartnerCredential,
  p12Password,
} from './sandbox-certificates.ts';
import { relativeTo } from './sandbox-places.ts';
import type { SyntheticPerson } from './synthetic-people.ts';

export interface PartnerEndpointPlace {
  odsCode: string;
  url: string;
}

export interface SandboxManifest {
  /** For example `https://localhost:8443`. */
  exchange: string;
  /** Null: this release has no enrolment door. */
  enrolment: string | null;
  operations: string;
  ca: string;
  /** The authority of the certificate that the gateway shows to partners' endpoints. */
  clientCa: string;
  /** Server certificate for localhost, by `ca`: for an endpoint of one's own. */
  endpoint: CertificatePaths;
  /** c2sp.org/signed-note */
  logVerifierKey: string;
  /** PEM of the Ed25519 key that verifies what is pushed (docs/endpoints.md). */
  signingKey: string;
  participants: readonly ManifestParticipant[];
  people: readonly ManifestPerson[];
  /** Where the gateway pushes to in this run; who is not among them has an inbox. */
  endpoints: readonly PartnerEndpointPlace[];
}

interface CertificatePaths {
  cert: string;
  key: string;
  p12: string;
  p12Password: string;
}

interface ManifestParticipant extends BoroughParticipant, CertificatePaths {
  /** ES256 private key, for user assertions. */
  assertionKey: string;
}

type ManifestPerson = Pick<SyntheticPerson, 'nhsNumber' | 'birthDate' | 'familyName' | 'scenario'>;

export interface ManifestParts {
  /** What paths are relative to. */
  root: string;
  gateway: { exchangeUrl: string; operationsUrl: string; logVerifierKey: string };
  caFile: string;
  clientCaFile: string;
  endpoint: BundledCredential;
  signingKeyFile: string;
  participants: readonly BoroughParticipant[];
  partners: readonly PartnerCredential[];
  people: readonly SyntheticPerson[];
  endpoints: readonly PartnerEndpointPlace[];
}

export function sandboxManifest(parts: ManifestParts): SandboxManifest {
  const { root, gateway, partners, endpoints } = parts;
  return {
    exchange: gateway.exchangeUrl,
    enrolment: null,
    operations: gateway.operationsUrl,
    ca: relativeTo(root, parts.caFile),
    clientCa: relativeTo(root, parts.clientCaFile),
    endpoint: certificatePaths(root, parts.endpoint),
    logVerifierKey: gateway.logVerifierKey,
    signingKey: relativeTo(root, parts.signingKeyFile),
    participants: parts.participants.flatMap((participant) => {
      const files = partners.find(({ odsCode }) => odsCode === participant.odsCode);
      return files ? [{ ...participant, ...credentialPaths(root, files) }] : [];
    }),
    people: parts.people.map(({ nhsNumber, birthDate, familyName, scenario }) => ({
      ...{ nhsNumber, birthDate, familyName, scenario },
    })),
    endpoints,
  };
}

function credentialPaths(root: string, files: PartnerCredential) {
  return {
    ...certificatePaths(root, files),
    assertionKey: relativeTo(root, files.assertionKeyFile),
  };
}

function certificatePaths(root: string, files: BundledCredential): CertificatePaths {
  return {
    cert: relativeTo(root, files.certFile),
    key: relativeTo(root, files.keyFile),
    p12: relativeTo(root, files.p12File),
    p12Password,
  };
}
