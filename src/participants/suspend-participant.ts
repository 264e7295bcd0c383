/**
 * Stopping an organisation and letting it in again, and stopping one certificate for good. Open connections
 * are closed on every node, because the register's version rises.
 */
import {
  type AdministrativeResult,
  administered,
  administrativeEvent,
  declined,
} from '../ledger/administrative-act.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Participant } from './register.ts';
import { loadRegister, revokeCertificate, updateParticipantStatus } from './register-store.ts';

type Writer = Pick<Ledger, 'write'>;

export function suspendParticipant(ledger: Writer, odsCode: string, operator: string) {
  return changeStatus(ledger, odsCode, { status: 'suspended', operator });
}

export function restoreParticipant(ledger: Writer, odsCode: string, operator: string) {
  return changeStatus(ledger, odsCode, { status: 'active', operator });
}

function changeStatus(
  ledger: Writer,
  odsCode: string,
  { status, operator }: { status: Participant['status']; operator: string },
): Promise<AdministrativeResult> {
  const action = status === 'active' ? 'participant.restored' : 'participant.suspended';
  return ledger.write(async (tx, { registerVersion }) => {
    const register = await loadRegister(tx, registerVersion);
    const held = register.participants.get(odsCode);
    if (!held) return declined('there is no such participant');
    if (held.status === status) return administered([]);
    await updateParticipantStatus(tx, odsCode, status);
    return administered([administrativeEvent(action, operator, { odsCode })]);
  });
}

/** `fingerprint256`: 64 lower-case hex digits. */
export function revokeRegistered(
  ledger: Writer,
  fingerprint256: string,
  operator: string,
): Promise<AdministrativeResult> {
  return ledger.write(async (tx, { at, registerVersion }) => {
    const register = await loadRegister(tx, registerVersion);
    const held = register.certificates.get(fingerprint256);
    if (!held) return declined('there is no such certificate in the register');
    if (held.revoked) return administered([]);
    await revokeCertificate(tx, fingerprint256, new Date(at));
    const { odsCode, system } = held;
    const particulars = { odsCode, system, certificate: fingerprint256 };
    return administered([administrativeEvent('certificate.revoked', operator, particulars)]);
  });
}
