/**
 * The Community Health Index number of Scotland: ten digits with the NHS number's check digit, of which
 * the first six are the date of birth, DDMMYY (NHS Scotland Data Dictionary, CHI NUMBER).
 */
import { accepted, type IdentityScheme, refused } from './identity-scheme.ts';
import { readTenDigits } from './ten-digit-number.ts';

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const noDate = { rule: 'birth-date', detail: 'must begin with a date of birth, DDMMYY' } as const;

export const chiNumberScheme: IdentityScheme = {
  name: 'chi-number',
  system: 'https://fhir.nhs.uk/Id/chi-number',
  otherSystems: [],
  scope: 'national',
  validate(value) {
    const read = readTenDigits(value);
    if ('rule' in read) return refused(read);
    return startsWithDate(read.digits) ? accepted(read.digits) : refused(noDate);
  },
  format: (digits) => `${digits.slice(0, 6)} ${digits.slice(6)}`,
};

/** The century is not said; 29 February needs a year that some century makes a leap year. */
function startsWithDate(digits: string): boolean {
  const day = Number(digits.slice(0, 2));
  const month = Number(digits.slice(2, 4));
  const year = Number(digits.slice(4, 6));
  const days = daysInMonth[month - 1] ?? 0;
  return day >= 1 && day <= days && !(month === 2 && day === 29 && year % 4 !== 0);
}
