/** The register's rows. Every change raises `register_version` in the ledger's head (a trigger does). */
import { createPublicKey } from 'node:crypto';
import type { OrgType } from '../consent/decision.ts';
import type { Queryable } from '../database/queryable.ts';
import { loadEndpoints } from './endpoint-store.ts';
import type { Participant, Register } from './register.ts';
import type { AssertionKey } from './user-assertion.ts';

interface ParticipantRow {
  ods_code: string;
  name: string;
  kind: OrgType;
  status: 'active' | 'suspended';
}

interface CertificateRow {
  fingerprint256: string;
  ods_code: string;
  system: string;
  not_after: Date;
  revoked_at: Date | null;
}

interface KeyRow {
  ods_code: string;
  kid: string;
  algorithm: 'ES256' | 'RS256';
  public_key: string;
}

/** The whole register. Requires its version to be read first: what is read after it is at least as new. */
export async function loadRegister(queryable: Queryable, version: number): Promise<Register> {
  const { rows: participants } = await queryable.query<ParticipantRow>(
    'select ods_code, name, kind, status from participants',
  );
  const { rows: certificates } = await queryable.query<CertificateRow>(
    'select fingerprint256, ods_code, system, not_after, revoked_at from participant_certificates',
  );
  const { rows: keys } = await queryable.query<KeyRow>(
    'select ods_code, kid, algorithm, public_key from participant_assertion_keys order by added_at',
  );
  return {
    version,
    endpoints: await loadEndpoints(queryable),
    participants: new Map(participants.map((row) => [row.ods_code, toParticipant(row, keys)])),
    certificates: new Map(
      certificates.map((row) => [
        row.fingerprint256,
        {
          fingerprint256: row.fingerprint256,
          odsCode: row.ods_code,
          system: row.system,
          notAfter: row.not_after.getTime(),
          revoked: row.revoked_at !== null,
        },
      ]),
    ),
  };
}

/** By ODS code, of suspended participants too. */
export async function findParticipantKinds(
  queryable: Queryable,
): Promise<ReadonlyMap<string, OrgType>> {
  const { rows } = await queryable.query<Pick<ParticipantRow, 'ods_code' | 'kind'>>(
    'select ods_code, kind from participants',
  );
  return new Map(rows.map(({ ods_code, kind }) => [ods_code, kind]));
}

function toParticipant(row: ParticipantRow, keys: readonly KeyRow[]): Participant {
  return {
    odsCode: row.ods_code,
    name: row.name,
    kind: row.kind,
    status: row.status,
    assertionKeys: keys.filter((key) => key.ods_code === row.ods_code).map(toAssertionKey),
  };
}

function toAssertionKey(row: KeyRow): AssertionKey {
  return { kid: row.kid, algorithm: row.algorithm, publicKey: createPublicKey(row.public_key) };
}

/** Adds a participant, or changes its name; its kind and status stay. */
export async function upsertParticipant(
  queryable: Queryable,
  participant: { odsCode: string; name: string; kind: OrgType; at: Date },
): Promise<void> {
  await queryable.query(
    `
insert into participants (ods_code, name, kind, status, added_at)
values ($1::text, $2::text, $3::text, 'active', $4::timestamptz)
on conflict (ods_code) do update set name = excluded.name`,
    [participant.odsCode, participant.name, participant.kind, participant.at],
  );
}

/** Answers whether there is such a participant. */
export async function updateParticipantStatus(
  queryable: Queryable,
  odsCode: string,
  status: 'active' | 'suspended',
): Promise<boolean> {
  const { rows } = await queryable.query(
    'update participants set status = $2::text where ods_code = $1::text returning ods_code',
    [odsCode, status],
  );
  return rows.length === 1;
}

/** A certificate belongs to one system of one participant for good; a second insert changes nothing. */
export async function insertCertificate(
  queryable: Queryable,
  certificate: {
    fingerprint256: string;
    odsCode: string;
    system: string;
    notAfter: Date;
    at: Date;
  },
): Promise<void> {
  await queryable.query(
    `
insert into participant_certificates (fingerprint256, ods_code, system, not_after, added_at)
values ($1::text, $2::text, $3::text, $4::timestamptz, $5::timestamptz)
on conflict (fingerprint256) do nothing`,
    [
      certificate.fingerprint256,
      certificate.odsCode,
      certificate.system,
      certificate.notAfter,
      certificate.at,
    ],
  );
}

export async function revokeCertificate(
  queryable: Queryable,
  fingerprint256: string,
  at: Date,
): Promise<string | undefined> {
  const {
    rows: [row],
  } = await queryable.query<{ ods_code: string }>(
    `
update participant_certificates set revoked_at = coalesce(revoked_at, $2::timestamptz)
where fingerprint256 = $1::text returning ods_code`,
    [fingerprint256, at],
  );
  return row?.ods_code;
}

export async function insertAssertionKey(
  queryable: Queryable,
  key: {
    odsCode: string;
    kid: string;
    algorithm: 'ES256' | 'RS256';
    publicKeyPem: string;
    at: Date;
  },
): Promise<void> {
  await queryable.query(
    `
insert into participant_assertion_keys (ods_code, kid, algorithm, public_key, added_at)
values ($1::text, $2::text, $3::text, $4::text, $5::timestamptz)
on conflict (ods_code, kid) do nothing`,
    [key.odsCode, key.kid, key.algorithm, key.publicKeyPem, key.at],
  );
}
