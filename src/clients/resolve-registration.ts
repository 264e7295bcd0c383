/**
 * Closing a registration that contradicted what is held, once people have looked at it. Nothing is merged and
 * nobody is changed: whoever was right registers again. What had been sent is destroyed.
 */
import {
  type AdministrativeResult,
  administered,
  administrativeEvent,
  declined,
} from '../ledger/administrative-act.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { findConflict, resolveConflict } from './registration-conflict-store.ts';

export interface Resolution {
  /** UUID of the conflict. */
  id: string;
  /** What was found out, for the ledger: never personal data. */
  note: string;
}

export function resolveRegistration(
  ledger: Pick<Ledger, 'write'>,
  { id, note }: Resolution,
  operator: string,
): Promise<AdministrativeResult> {
  return ledger.write(async (tx, { at }) => {
    if (!/^[^\p{Cc}\p{Cs}]{1,500}$/u.test(note)) {
      return declined('a note is 1 to 500 printable characters');
    }
    const conflict = await findConflict(tx, id);
    if (!conflict) return declined('there is no such registration');
    if (conflict.resolvedAt) return administered([]);
    await resolveConflict(tx, id, new Date(at));
    const { organisation } = conflict;
    const particulars = { conflict: id, organisation, note };
    return administered([administrativeEvent('registration.resolved', operator, particulars)]);
  });
}
