/**
 * A health summary for a synthetic person (schemas/health-summary), as the hospital publishes it, with a restricted
 * section beside the ordinary ones.
 */
import type { HealthSummaryV1 } from '../records/types/health-summary-v1.ts';
import { boroughParticipants } from './borough.ts';
import { seededRandom } from './seeded-random.ts';
import type { SyntheticPerson } from './synthetic-people.ts';

/** The same person always has the same health; `asAt` is RFC 3339. */
export function syntheticHealth(person: SyntheticPerson, asAt: string): HealthSummaryV1 {
  const random = seededRandom(Number(person.nhsNumber.slice(3)) + 2);
  const { nhsNumber, healthCentre } = person;
  const practice = boroughParticipants.find(({ odsCode }) => odsCode === healthCentre);
  return {
    schema: 'health-summary/v1',
    asAt,
    sections: {
      person: {
        identifiers: [
          {
            ...{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: nhsNumber },
            verificationStatus: '01',
          },
        ],
        name: { given: person.givenName, family: person.familyName },
        birthDate: person.birthDate,
      },
      gpPractice: { odsCode: healthCentre, name: practice?.name ?? healthCentre },
      allergies: [{ agent: { text: random.pick(['Penicillin', 'Latex', 'No known allergies']) } }],
      medications: [
        { medication: { text: random.pick(['Amlodipine 5 mg', 'Metformin 500 mg', 'None']) } },
      ],
      problems: [{ problem: { text: random.pick(['Hypertension', 'Type 2 diabetes', 'Falls']) } }],
      alerts: [{ alert: { text: random.pick(['Hard of hearing', 'Uses a walking frame']) } }],
    },
  };
}
