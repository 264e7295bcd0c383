/**
 * A document against the person it is sent for. It tells where they differ, and never what either says.
 */
import { heldSystem } from '../clients/identity-schemes/identity-scheme.ts';
import type { HeldIdentity } from '../clients/person-store.ts';
import type { Fault } from '../errors/gateway-error.ts';
import type { PersonClaim } from './person-claim.ts';

/**
 * Nothing where all that can be compared is the person's. Each identifier has to be: a recipient may file
 * by any of them. Of what the person has no number, nothing can be said here (check-person.ts).
 */
export function findPersonMismatch(
  { identifiers, birthDates }: PersonClaim,
  held: HeldIdentity,
  organisation: string,
): readonly Fault[] {
  const strange = identifiers.filter((claimed) => {
    const system = heldSystem(claimed, organisation);
    const numbers = held.identifiers.filter((one) => one.system === system);
    return numbers.length > 0 && numbers.every(({ value }) => value !== claimed.value);
  });
  const otherDates = birthDates.filter(({ value }) => value !== held.birthDate);
  return [
    ...strange.map(({ pointer }) => fault(pointer, 'must be a number of the person')),
    ...otherDates.map(({ pointer }) => fault(pointer, 'must be the birth date of the person')),
  ];
}

function fault(pointer: string, expected: string): Fault {
  return { pointer, rule: 'person', detail: `${expected} whose client id it is sent under` };
}
