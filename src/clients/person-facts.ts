/**
 * What is known of a person at an instant. Facts are dated by their publisher, but ordered by when the
 * gateway recorded them: of those already in effect the last recorded counts. What nobody has said takes
 * the stricter reading, death apart, which has to be said.
 */
export interface FactEntry {
  name: string;
  value: unknown;
  /** Epoch milliseconds from which it holds. */
  from: number;
}

export interface KnownFacts {
  capacity: 'has' | 'lacks';
  deceased: boolean;
  pdsSecurity: 'R' | 'U';
  objectsToNhsNumber: boolean;
  nationalDataOptOut: boolean;
  nhsNumberStatus: string;
}

/** Requires the facts in the order of recording. */
export function factsAt(facts: readonly FactEntry[], at: number): KnownFacts {
  const known = new Map<string, unknown>();
  for (const { name, value, from } of facts) if (from <= at) known.set(name, value);
  const deceasedDate = known.get('deceasedDate');
  return {
    // only a person who is known to lack capacity can be spoken for by those who need that
    capacity: known.get('capacity') === 'lacks' ? 'lacks' : 'has',
    deceased: typeof deceasedDate === 'string',
    pdsSecurity: known.get('pdsSecurity') === 'U' ? 'U' : 'R',
    objectsToNhsNumber: known.get('objectsToNhsNumber') !== false,
    nationalDataOptOut: known.get('nationalDataOptOut') !== false,
    nhsNumberStatus: String(known.get('nhsNumberStatus') ?? 'unknown'),
  };
}

/** Completed years at an instant, in UTC. Requires a full date. */
export function ageAt(birthDate: string, at: number): number {
  const born = new Date(`${birthDate}T00:00:00Z`);
  const now = new Date(at);
  const years = now.getUTCFullYear() - born.getUTCFullYear();
  const hadBirthday =
    now.getUTCMonth() > born.getUTCMonth() ||
    (now.getUTCMonth() === born.getUTCMonth() && now.getUTCDate() >= born.getUTCDate());
  return hadBirthday ? years : years - 1;
}
