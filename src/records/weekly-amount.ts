/**
 * Weekly value of an amount paid at another frequency, as the Housing Benefit Regulations 2006
 * (SI 2006/213) regulation 33 converts it. Amounts are whole minor units (pence); fractions are
 * compared as integers, never as floating point.
 */
import type { Frequency } from './types/hb-income-statement-v1.ts';

const weeklyShares: Readonly<Record<Frequency, readonly [times: number, divisor: number]>> = {
  weekly: [1, 1],
  fortnightly: [1, 2],
  'four-weekly': [1, 4],
  monthly: [12, 52],
  quarterly: [4, 52],
  annual: [1, 52],
};

/**
 * Whether `weekly` is the weekly value of `amount` to within one penny: councils' systems round up,
 * down and to the nearest, and all of them are right.
 */
export function isWeeklyValue(weekly: number, amount: number, frequency: Frequency): boolean {
  const [times, divisor] = weeklyShares[frequency];
  return Math.abs(weekly * divisor - amount * times) <= divisor;
}
