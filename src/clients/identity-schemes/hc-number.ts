/**
 * The Health and Care number of Northern Ireland: ten digits with the NHS number's check digit, 320 000 0000
 * to 399 999 9999.
 */
import { accepted, type IdentityScheme, refused } from './identity-scheme.ts';
import { formatThreeThreeFour, readTenDigits } from './ten-digit-number.ts';

const outOfRange = { rule: 'range', detail: 'must begin with 32 to 39' } as const;

export const hcNumberScheme: IdentityScheme = {
  name: 'hc-number',
  system: 'https://fhir.nhs.uk/Id/hsc-number',
  otherSystems: [],
  scope: 'national',
  validate(value) {
    const read = readTenDigits(value);
    if ('rule' in read) return refused(read);
    return /^3[2-9]/.test(read.digits) ? accepted(read.digits) : refused(outOfRange);
  },
  format: formatThreeThreeFour,
};
