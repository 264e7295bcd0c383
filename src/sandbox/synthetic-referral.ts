/** A referral of a synthetic person by a health centre to the council (schemas/referral). */
import type { ReferralV1 } from '../records/types/referral-v1.ts';
import { council, healthCentres } from './borough.ts';
import type { SyntheticPerson } from './synthetic-people.ts';

/** `at` is epoch milliseconds; `reference` is the centre's own, and says nothing of the person. */
export function syntheticReferral(
  person: SyntheticPerson,
  at: number,
  reference: string,
): ReferralV1 {
  const asAt = new Date(at).toISOString();
  const date = asAt.slice(0, 10);
  const { nhsNumber, givenName, familyName, birthDate, isChild } = person;
  const system = 'https://fhir.nhs.uk/Id/nhs-number';
  return {
    schema: 'referral/v1',
    to: council.odsCode,
    asAt,
    sections: {
      person: {
        identifiers: [{ system, value: nhsNumber, verificationStatus: '01' }],
        name: { given: givenName, family: familyName },
        birthDate,
      },
      referrer: {
        name: 'Dr S. Lindqvist',
        role: 'General practitioner',
        organisation: { odsCode: healthCentres[0] },
      },
      recipientService: {
        odsCode: council.odsCode,
        service: isChild ? 'Children with disabilities' : 'Adult social care, first contact',
      },
      request: { reference, date, reason: 'Falls at home.', urgency: 'routine' },
      needs: [{ need: { text: 'Help with washing' } }],
      consentToReferral: { status: 'given', date, givenBy: isChild ? 'parent' : 'person' },
    },
  };
}
