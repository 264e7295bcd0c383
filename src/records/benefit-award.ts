/**
 * Housing Benefit for one week from its parts, as docs/record-types.md states it (after SI 2006/213
 * and SI 2006/214). Amounts are whole minor units (pence).
 */

export interface AwardParts {
  readonly eligibleRent: number;
  readonly nonDependantDeductions: number;
  readonly excessIncome: number;
  /** 65 for a taper of 0.65. */
  readonly taperPercent: number;
  readonly benefitCapReduction: number;
}

/** An award under fifty pence a week is not paid (SI 2006/213 regulation 75). */
const smallestAwardPaid = 50;

/** The excess of income over the applicable amount, never below nothing. */
export function excessIncome(income: number, applicableAmount: number): number {
  return Math.max(0, income - applicableAmount);
}

/** max(0, eligible rent - non-dependants - taper x excess) less the cap, not below 0; half a penny up. */
export function weeklyAward(parts: AwardParts): number {
  const beforeTaper = parts.eligibleRent - parts.nonDependantDeductions - parts.benefitCapReduction;
  const hundredths = beforeTaper * 100 - parts.taperPercent * parts.excessIncome;
  return Math.max(0, Math.floor((hundredths + 50) / 100));
}

/** Whether `stated` is the award of these parts: exact, or nothing where it is too small to be paid. */
export function isWeeklyAward(stated: number, parts: AwardParts): boolean {
  const award = weeklyAward(parts);
  return stated === award || (stated === 0 && award < smallestAwardPaid);
}
