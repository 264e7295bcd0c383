/**
 * A social care summary for a synthetic person (schemas/social-care-summary). Each holds sections of every
 * sensitivity, so that a pull shows what is given and what is withheld.
 */
import type { SocialCareSummaryV1 } from '../records/types/social-care-summary-v1.ts';
import { boroughParticipants, council } from './borough.ts';
import {
  alerts,
  equipment,
  homeCare,
  importantThings,
  streets,
  supportReasons,
} from './borough-names.ts';
import { seededRandom } from './seeded-random.ts';
import type { SyntheticPerson } from './synthetic-people.ts';

/** The same person always has the same care; `asAt` is RFC 3339. */
export function syntheticSummary(person: SyntheticPerson, asAt: string): SocialCareSummaryV1 {
  const random = seededRandom(Number(person.nhsNumber.slice(3)));
  const worker = random.pick(['R. Okafor', 'M. Lindqvist', 'S. Byrne', 'T. Achterberg']);
  const duty = '020 7946 0100';
  return {
    schema: 'social-care-summary/v1',
    asAt,
    sections: {
      person: personSection(person),
      localAuthority: {
        odsCode: council.odsCode,
        gssCode: council.gssCode,
        name: council.name,
        socialServicesTeam: random.pick(['Elmsworth north', 'Elmsworth south']),
        contactDetails: `${duty}, Monday to Friday 9 to 5`,
      },
      alerts: [{ id: 'alert-1', text: random.pick(alerts) }],
      aboutMe: {
        mostImportantToMe: { text: random.pick(importantThings) },
        pleaseDoAndPleaseDont: { text: 'Do use my first name. Do not rush me.' },
        lastUpdated: '2026-09-14',
      },
      individualRequirements: [
        { reasonableAdjustmentFlag: true, detail: 'Letters in large print.' },
      ],
      professionalContacts: [
        {
          name: worker,
          role: 'Social worker',
          keyWorker: true,
          organisation: { odsCode: council.odsCode, name: council.name },
          telecom: [{ system: 'phone', value: '020 7946 0101', use: 'work' }],
        },
      ],
      personalContacts: [
        {
          name: { given: random.pick(['Els', 'Amir', 'Joan']), family: person.familyName },
          relationship: person.isChild ? 'Parent' : 'Daughter or son',
          relationshipType: ['next-of-kin', person.isChild ? 'carer' : 'main-carer'],
          parentalResponsibility: person.isChild,
          telecom: [{ system: 'phone', value: '07700 900123', use: 'mobile' }],
        },
      ],
      servicesAndCare: [{ ...random.pick(homeCare), start: '2026-03-02' }],
      primarySupportReason: [{ reason: { text: random.pick(supportReasons) }, active: true }],
      careAndSupportPlan: {
        needs: [{ need: 'Help with washing', actions: ['Two morning visits'] }],
        updated: '2026-02-27',
        reviewDue: '2027-02-27',
        reviewer: worker,
      },
      equipment: [{ name: { text: random.pick(equipment) }, issued: '2026-01-20' }],
      accommodation: {
        label: 'R',
        householdEnvironment: `${random.pick(streets)} side, ground floor`,
        access: 'Key safe left of the door',
      },
      legalInformation: {
        mentalCapacityAssessments: [
          { date: '2026-02-18', decision: 'Where to live', outcome: 'has-capacity' },
        ],
      },
      safeguarding: [{ date: '2026-04-01', concern: { text: 'Self-neglect' } }],
    },
  };
}

function personSection(person: SyntheticPerson): SocialCareSummaryV1['sections']['person'] {
  const { nhsNumber, healthCentre, deceasedDate } = person;
  const practice = boroughParticipants.find(({ odsCode }) => odsCode === healthCentre);
  return {
    identifiers: [
      { system: 'https://fhir.nhs.uk/Id/nhs-number', value: nhsNumber, verificationStatus: '01' },
    ],
    name: { given: person.givenName, family: person.familyName },
    birthDate: person.birthDate,
    gender: person.gender,
    address: {
      use: 'home',
      lines: [person.addressLine, 'Elmsworth'],
      postcode: person.postcode,
    },
    telecom: [{ system: 'phone', value: person.phone, use: 'mobile' }],
    ...(deceasedDate !== null && { deceasedDate }),
    gpPractice: { odsCode: healthCentre, name: practice?.name ?? healthCentre },
  };
}
