/**
 * Taking an organisation into the register, with a system's certificate and a key for user assertions. May
 * be repeated: only what is new is written, each piece with an entry of its own. A name may change; a kind
 * never does, because agreements were made and decisions taken on it.
 */
import type { KeyObject } from 'node:crypto';
import type { OrgType } from '../consent/decision.ts';
import type { Queryable } from '../database/queryable.ts';
import {
  type AdministrativeResult,
  administered,
  administrativeEvent,
  declined,
} from '../ledger/administrative-act.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerEvent } from '../ledger/ledger-event.ts';
import type { Register } from './register.ts';
import {
  insertAssertionKey,
  insertCertificate,
  loadRegister,
  upsertParticipant,
} from './register-store.ts';
import type { RegistrableCertificate, RegistrableKey } from './registrable-credentials.ts';

export interface NewParticipant {
  /** 3 to 10 capital letters and digits. */
  odsCode: string;
  name: string;
  kind: OrgType;
  certificate?: (RegistrableCertificate & { system: string }) | undefined;
  assertionKey?: (RegistrableKey & { kid: string }) | undefined;
}

export function admitParticipant(
  ledger: Pick<Ledger, 'write'>,
  participant: NewParticipant,
  operator: string,
): Promise<AdministrativeResult> {
  return ledger.write(async (tx, { at, registerVersion }) => {
    const register = await loadRegister(tx, registerVersion);
    const reason = admissionFault(register, participant);
    if (reason !== undefined) return declined(reason);
    const admission = { tx, register, participant, operator, at: new Date(at) };
    const events = [
      await admitOrganisation(admission),
      await admitCertificate(admission),
      await admitAssertionKey(admission),
    ];
    return administered(events.filter((event) => event !== undefined));
  });
}

/** Why the participant cannot be taken in as it stands; pure. */
function admissionFault(register: Register, participant: NewParticipant): string | undefined {
  const { odsCode, name, kind, certificate, assertionKey } = participant;
  if (!/^[A-Z0-9]{3,10}$/.test(odsCode)) return 'an ODS code is 3 to 10 capital letters and digits';
  if (!/^[^\p{Cc}\p{Cs}]{1,200}$/u.test(name)) return 'a name is 1 to 200 printable characters';
  const known = register.participants.get(odsCode);
  if (known && known.kind !== kind) {
    return `${odsCode} is in the register as ${known.kind}, and the kind of a participant never changes`;
  }
  if (certificate) {
    if (!/^[A-Za-z0-9-]{1,40}$/.test(certificate.system)) {
      return 'a system is named by 1 to 40 letters, digits and hyphens';
    }
    const held = register.certificates.get(certificate.fingerprint256);
    if (held?.revoked) return 'the certificate was revoked, and a revocation is for good';
    if (held && (held.odsCode !== odsCode || held.system !== certificate.system)) {
      return `the certificate belongs to system ${held.system} of ${held.odsCode}`;
    }
  }
  if (assertionKey) {
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(assertionKey.kid)) {
      return 'a key id is 1 to 64 letters, digits, dots, hyphens and underscores';
    }
    const held = heldKey(register, odsCode, assertionKey.kid);
    if (held && pemOf(held.publicKey) !== pemOf(assertionKey.publicKey)) {
      return 'the organisation has another key under that id: choose a new id';
    }
  }
  return undefined;
}

function heldKey(register: Register, odsCode: string, kid: string) {
  return register.participants.get(odsCode)?.assertionKeys.find((key) => key.kid === kid);
}

/**
 * Also for comparing: `KeyObject.equals` of an RSA and an EC key leaves an error behind in OpenSSL's queue, and
 * whatever key is read next fails with it (Node 26.10).
 */
function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

interface AdmissionUnderWay {
  tx: Queryable;
  register: Register;
  participant: NewParticipant;
  operator: string;
  at: Date;
}

async function admitOrganisation(admission: AdmissionUnderWay): Promise<LedgerEvent | undefined> {
  const { tx, register, participant, operator, at } = admission;
  const { odsCode, name, kind } = participant;
  const held = register.participants.get(odsCode);
  if (held?.name === name) return undefined;
  await upsertParticipant(tx, { odsCode, name, kind, at });
  return held
    ? administrativeEvent('participant.changed', operator, { odsCode, name, before: held.name })
    : administrativeEvent('participant.added', operator, { odsCode, name, kind });
}

async function admitCertificate(admission: AdmissionUnderWay): Promise<LedgerEvent | undefined> {
  const { tx, register, participant, operator, at } = admission;
  const { odsCode, certificate } = participant;
  if (!certificate || register.certificates.has(certificate.fingerprint256)) return undefined;
  const { fingerprint256, system, notAfter } = certificate;
  await insertCertificate(tx, { odsCode, fingerprint256, system, notAfter, at });
  return administrativeEvent('certificate.added', operator, {
    odsCode,
    system,
    certificate: fingerprint256,
    notAfter: notAfter.toISOString(),
  });
}

async function admitAssertionKey(admission: AdmissionUnderWay): Promise<LedgerEvent | undefined> {
  const { tx, register, participant, operator, at } = admission;
  const { odsCode, assertionKey } = participant;
  if (!assertionKey || heldKey(register, odsCode, assertionKey.kid)) return undefined;
  const { kid, algorithm, publicKey } = assertionKey;
  const publicKeyPem = pemOf(publicKey);
  await insertAssertionKey(tx, { odsCode, kid, algorithm, publicKeyPem, at });
  return administrativeEvent('assertion-key.added', operator, {
    odsCode,
    assertionKey: kid,
    algorithm,
    publicKey: publicKeyPem,
  });
}
