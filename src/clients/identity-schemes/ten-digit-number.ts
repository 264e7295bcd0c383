/**
 * What the NHS, CHI and H&C numbers share: ten digits of which the last is a modulus 11 check (NHS Data
 * Dictionary, NHS NUMBER; ISB 0149). Always text: some begin with 0.
 */
import type { IdentityRefusal } from './identity-scheme.ts';

type TenDigits = { digits: string } | IdentityRefusal;

/**
 * ISB 0149 requirement 10: with or without spaces; here at most one between digits. ASCII digits only, and
 * none folded to them: a number that only looks right was not typed from a register.
 */
const tenDigits = /^[0-9](?: ?[0-9]){9}$/;

const noTenDigits = {
  rule: 'format',
  detail: 'must be ten digits, with single spaces at most',
} as const;
const oneDigit = { rule: 'repeated-digits', detail: 'must not be one digit ten times' } as const;
const wrongCheckDigit = {
  rule: 'check-digit',
  detail: 'must have the check digit of its other digits: one of the ten is wrong',
} as const;

/** Peer-controlled input. All ten repeated digits pass the check digit, and none is anybody's. */
export function readTenDigits(value: string): TenDigits {
  if (!tenDigits.test(value)) return noTenDigits;
  const digits = value.replaceAll(' ', '');
  if (/^(.)\1{9}$/.test(digits)) return oneDigit;
  return hasCheckDigit(digits) ? { digits } : wrongCheckDigit;
}

/** ISB 0149 requirement 9: 999 054 8609. */
export function formatThreeThreeFour(digits: string): string {
  return `${digits.slice(0, 3)} ${digits.slice(3, 6)} ${digits.slice(6)}`;
}

/**
 * Digit i times 11 - i for the first nine, plus the check digit, is a multiple of 11. The same as
 * 11 - (sum mod 11) with 11 read as 0, and 10, which is no digit, never met.
 */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < 10; i += 1) sum += Number(digits[i]) * (10 - i);
  return sum % 11 === 0;
}
