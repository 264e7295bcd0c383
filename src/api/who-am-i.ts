/**
 * Who the gateway thinks its caller is: the connectivity test. Told from what this node knows, not from
 * the ledger; nothing is disclosed that the caller's own certificate and agreements do not say.
 */
import { agreementsOf } from '../agreements/coverage.ts';
import type { Activity, SharingAgreement } from '../agreements/sharing-agreement.ts';
import type { Standing } from '../exchange/standing.ts';
import type { UserAssertion } from '../participants/user-assertion.ts';
import type { AdmittedPeer } from './door-connections.ts';

export interface WhoAmI {
  organisation: { odsCode: string; name: string | null; kind: string | null };
  system: string;
  /** Whom the user assertion names; null where there is none. */
  user: { subject: string; role: string; purpose: string; until: string } | null;
  /** `notAfter` and `time`: RFC 3339. */
  certificate: { serial: string; fingerprint256: string; notAfter: string };
  agreements: readonly {
    id: string;
    may: readonly Activity[];
    recordTypes: readonly string[];
    purposes: readonly string[];
    roles: readonly string[];
    until: string;
    /** The others: who publishes what is pulled, whom one may address. */
    parties: readonly Party[];
  }[];
  gateway: { name: string; version: string; time: string };
}

interface Party {
  odsCode: string;
  name: string | null;
  may: readonly Activity[];
  recordTypes: readonly string[];
}

export function whoAmI(
  { register, agreements }: Standing,
  peer: AdmittedPeer,
  assertion: UserAssertion | undefined,
  gateway: { name: string; version: string },
  now: Date,
): WhoAmI {
  const { odsCode, system, serial, fingerprint256, notAfter } = peer;
  const participant = register.participants.get(odsCode);
  return {
    organisation: { odsCode, name: participant?.name ?? null, kind: participant?.kind ?? null },
    system,
    user: assertion ? userOf(assertion) : null,
    certificate: { serial, fingerprint256, notAfter: new Date(notAfter).toISOString() },
    agreements: agreementsOf(agreements, odsCode, now.getTime()).map((agreement) =>
      forParty(agreement, odsCode, register),
    ),
    gateway: { ...gateway, time: now.toISOString() },
  };
}

function userOf({ subject, role, purpose, expiresAt }: UserAssertion): WhoAmI['user'] {
  return { subject, role, purpose, until: expiresAt.toISOString() };
}

function forParty(
  agreement: SharingAgreement,
  odsCode: string,
  { participants }: Standing['register'],
): WhoAmI['agreements'][number] {
  const party = agreement.parties.get(odsCode);
  const recordTypes = [...(party?.recordTypes ?? [])];
  const purposes = recordTypes.flatMap((type) => [
    ...(agreement.recordTypes.get(type)?.purposes ?? []),
  ]);
  return {
    id: agreement.id,
    may: [...(party?.may ?? [])],
    recordTypes,
    purposes: [...new Set(purposes)],
    roles: [...agreement.roles.keys()],
    until: new Date(agreement.until).toISOString(),
    parties: [...agreement.parties]
      .filter(([other]) => other !== odsCode && participants.get(other)?.status !== 'suspended')
      .map(([other, { may, recordTypes: types }]) => ({
        ...{ odsCode: other, name: participants.get(other)?.name ?? null },
        ...{ may: [...may], recordTypes: [...types] },
      })),
  };
}
