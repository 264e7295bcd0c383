/**
 * The NHS number of England, Wales and the Isle of Man: ISB 0149, NHS Data Dictionary. Numbers in use
 * begin with 4, 6 or 7; those that begin with 5 or 9 are never issued, and 999 is kept for tests. The
 * ranges of Scotland (0 to 3), Northern Ireland (3) and Ireland (8) belong to other schemes: the same person
 * under two systems would be two people.
 */
import { accepted, type IdentityScheme, refused } from './identity-scheme.ts';
import { formatThreeThreeFour, readTenDigits } from './ten-digit-number.ts';

/** `test` refuses everybody who exists; `production` refuses everybody who does not. */
export type NhsNumberRanges = 'production' | 'test';

const firstDigits = { production: /^[467]/, test: /^[59]/ } satisfies Record<
  NhsNumberRanges,
  RegExp
>;

/** The number may be right as such, so what is said is which ones are taken here. */
const rangeDetails = {
  production: 'must begin with 4, 6 or 7, as NHS numbers in use do',
  test: 'must begin with 5 or 9, since this gateway takes NHS numbers for tests alone',
} satisfies Record<NhsNumberRanges, string>;

export function nhsNumberScheme(ranges: NhsNumberRanges): IdentityScheme {
  return {
    name: 'nhs-number',
    system: 'https://fhir.nhs.uk/Id/nhs-number',
    // of older FHIR profiles, and of HL7 version 3
    otherSystems: ['https://fhir.nhs.net/Id/nhs-number', 'urn:oid:2.16.840.1.113883.2.1.4.1'],
    scope: 'national',
    validate(value) {
      const read = readTenDigits(value);
      if ('rule' in read) return refused(read);
      if (firstDigits[ranges].test(read.digits)) return accepted(read.digits);
      return refused({ rule: 'range', detail: rangeDetails[ranges] });
    },
    format: formatThreeThreeFour,
  };
}
