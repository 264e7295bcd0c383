/**
 * A Housing Benefit income statement for a synthetic person (schemas/hb-income-statement): one state pension
 * and the rent of a council flat, reckoned as the gateway checks it.
 */
import { excessIncome, weeklyAward } from '../records/benefit-award.ts';
import type { HbIncomeStatementV1, Money } from '../records/types/hb-income-statement-v1.ts';
import { council, housingBenefit } from './borough.ts';
import { seededRandom } from './seeded-random.ts';
import type { SyntheticPerson } from './synthetic-people.ts';

const pence = (amount: number): Money => ({ amount, currency: 'GBP' });
const taperPercent = 65;

/** The same person always has the same income; `asAt` is RFC 3339. */
export function syntheticIncome(person: SyntheticPerson, asAt: string): HbIncomeStatementV1 {
  const random = seededRandom(Number(person.nhsNumber.slice(3)) + 1);
  const pension = 18_000 + random.below(6_000);
  const eligibleRent = 9_000 + random.below(4_000);
  const allowance = 21_810;
  const excess = excessIncome(pension, allowance);
  return {
    schema: 'hb-income-statement/v1',
    asAt,
    sections: {
      claim: {
        claimRef: `HB/2026-${person.nhsNumber.slice(4, 9)}`,
        authority: { gssCode: council.gssCode, odsCode: housingBenefit },
        scheme: 'pension-age',
        status: 'in-payment',
        benefitWeekCommencing: '2026-11-16',
        passported: 'none',
      },
      household: { familyType: 'single' },
      pensionIncome: [
        {
          owner: 'claimant',
          kind: 'state-pension',
          amount: pence(pension),
          frequency: 'weekly',
          weekly: pence(pension),
          weeklyCounted: pence(pension),
        },
      ],
      housingCosts: {
        tenure: 'la',
        rentWeekly: pence(eligibleRent),
        eligibleRentWeekly: pence(eligibleRent),
      },
      award: {
        applicableAmount: { personalAllowance: pence(allowance) },
        incomeCountedWeekly: pence(pension),
        excessIncomeWeekly: pence(excess),
        taperPercent,
        nonDependantDeductions: pence(0),
        benefitCapReduction: pence(0),
        weeklyAward: pence(
          weeklyAward({
            eligibleRent,
            nonDependantDeductions: 0,
            excessIncome: excess,
            taperPercent,
            benefitCapReduction: 0,
          }),
        ),
        paidTo: 'rent-account',
      },
    },
  };
}
