/**
 * The 200 people of the borough. Nobody of them exists: NHS numbers are of the 999 range, which is never issued
 * (NHS Data Dictionary, NHS NUMBER), telephone numbers of Ofcom's range for drama. Always the same people.
 */
import { healthCentres } from './borough.ts';
import { boysNames, familyNames, girlsNames, streets } from './borough-names.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';

/** How many people there are of each. What a scenario means in consents: scenario-consents.ts. */
const scenarioCounts = {
  consented: 120,
  'no-consent': 20,
  withdrawn: 12,
  'attested-pending': 8,
  'section-withheld': 16,
  'income-consented': 12,
  restricted: 6,
  deceased: 6,
} as const;

export type Scenario = keyof typeof scenarioCounts;

export interface SyntheticPerson {
  /** Ten digits. */
  nhsNumber: string;
  birthDate: string;
  givenName: string;
  familyName: string;
  gender: 'male' | 'female';
  addressLine: string;
  postcode: string;
  phone: string;
  /** ODS code of the health centre. */
  healthCentre: string;
  isChild: boolean;
  deceasedDate: string | null;
  scenario: Scenario;
}

/** Every tenth or so, the first person among them: these have a health summary too. */
export function wasInHospital({ nhsNumber }: SyntheticPerson): boolean {
  return nhsNumber.endsWith('6');
}

/** Children live in these scenarios alone: who claims a benefit or attests is grown up. */
const scenariosWithChildren: ReadonlySet<string> = new Set([
  'consented',
  'no-consent',
  'section-withheld',
]);

export function syntheticPeople(): readonly SyntheticPerson[] {
  const random = seededRandom(999);
  const numbers = new Set<string>();
  return scenariosInOrder().map(({ scenario, place }) => {
    const isChild = place > 0 && scenariosWithChildren.has(scenario) && random.below(7) === 0;
    return personOf(random, numbers, scenario, isChild);
  });
}

function scenariosInOrder(): { scenario: Scenario; place: number }[] {
  const groups: readonly Scenario[] = [
    'consented',
    'no-consent',
    'withdrawn',
    'attested-pending',
    'section-withheld',
    'income-consented',
    'restricted',
    'deceased',
  ];
  return groups.flatMap((scenario) =>
    Array.from({ length: scenarioCounts[scenario] }, (_, place) => ({ scenario, place })),
  );
}

function personOf(
  random: SeededRandom,
  taken: Set<string>,
  scenario: Scenario,
  isChild: boolean,
): SyntheticPerson {
  const gender = random.pick(['male', 'female']);
  return {
    nhsNumber: newNumber(random, taken),
    birthDate: birthDateOf(random, scenario, isChild),
    givenName: random.pick(gender === 'female' ? girlsNames : boysNames),
    familyName: random.pick(familyNames),
    gender,
    addressLine: `${1 + random.below(180)} ${random.pick(streets)}`,
    postcode: `ZZ99 ${random.below(10)}${letter(random)}${letter(random)}`,
    phone: `07700 900${digits(random.below(1000), 3)}`,
    healthCentre: random.pick(healthCentres),
    isChild,
    deceasedDate: scenario === 'deceased' ? dayIn(random, 2025, 1) : null,
    scenario,
  };
}

/** Pensions are paid to the old, and of the dead nobody need have died young. */
function birthDateOf(random: SeededRandom, scenario: Scenario, isChild: boolean): string {
  if (isChild) return dayIn(random, 2014, 9);
  const isOld = scenario === 'income-consented' || scenario === 'deceased';
  return dayIn(random, 1926, isOld ? 30 : 78);
}

/** 999, six digits, check digit. A tenth of all would need the check digit 10 and are passed over. */
function newNumber(random: SeededRandom, taken: Set<string>): string {
  for (;;) {
    const nine = `999${digits(random.below(1_000_000), 6)}`;
    const sum = [...nine].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
    const check = (11 - (sum % 11)) % 11;
    const number = `${nine}${check}`;
    if (check === 10 || taken.has(number)) continue;
    taken.add(number);
    return number;
  }
}

function dayIn(random: SeededRandom, firstYear: number, years: number): string {
  const year = firstYear + random.below(years);
  return `${year}-${digits(1 + random.below(12), 2)}-${digits(1 + random.below(28), 2)}`;
}

function digits(number: number, length: number): string {
  return String(number).padStart(length, '0');
}

function letter(random: SeededRandom): string {
  return String.fromCharCode(65 + random.below(26));
}
