/**
 * Who may speak for a person, and for which records, at the instant of the decision: Mental Capacity
 * Act 2005 sections 5, 9, 11, 16 and 20 (attorneys, deputies, best interests; from the age of 16), DWP
 * appointees, parental responsibility. docs/consent-model.md section 3.
 */
import type { Grantor, PersonFacts } from './decision.ts';
import { isGiven } from './override-attempt.ts';

/**
 * `explicitOnly` is that of the record type asked: those who look after money speak for it alone, those
 * who look after welfare for the rest. A kind of representative that is not known has no authority.
 */
export function hasAuthority(
  grantor: Grantor,
  person: PersonFacts,
  explicitOnly: boolean,
): boolean {
  if (grantor.revoked) return false;
  const lacksCapacity = person.capacity === 'lacks';
  switch (grantor.type) {
    case 'person':
      return true;
    case 'lpa-health-welfare':
    case 'deputy-personal-welfare':
      return lacksCapacity && !explicitOnly;
    case 'lpa-property-financial':
    case 'deputy-property-financial':
    case 'dwp-appointee':
      return explicitOnly;
    case 'best-interest':
      return lacksCapacity && isGiven(grantor.ref) && !explicitOnly;
    case 'parental-responsibility':
      return person.age !== undefined && person.age < 16;
    default:
      return false;
  }
}
