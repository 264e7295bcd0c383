/**
 * The arithmetic of an income statement over generated claims: figures worked out here from the
 * rules in docs/record-types.md agree, and one figure altered is always found.
 */
import fc from 'fast-check';
import t from 'tap';
import { excessIncome, isWeeklyAward, weeklyAward } from '../../src/records/benefit-award.ts';
import { checkIncomeArithmetic } from '../../src/records/income-arithmetic.ts';
import type {
  Frequency,
  HbIncomeStatementV1,
  Money,
} from '../../src/records/types/hb-income-statement-v1.ts';
import { isWeeklyValue } from '../../src/records/weekly-amount.ts';

const frequencies: readonly Frequency[] = [
  'weekly',
  'fortnightly',
  'four-weekly',
  'monthly',
  'quarterly',
  'annual',
];
/** Payments in a year of 52 weeks, as the regulation counts them. */
const perYear = {
  weekly: 52,
  fortnightly: 26,
  'four-weekly': 13,
  monthly: 12,
  quarterly: 4,
  annual: 1,
};

const pence = fc.integer({ min: 0, max: 1_000_000 });
const gbp = (amount: number): Money => ({ amount, currency: 'GBP' });
const total = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0);

const incomeEntry = fc
  .record({ amount: pence, disregarded: pence, frequency: fc.constantFrom(...frequencies) })
  .map(({ amount, disregarded, frequency }) => {
    const weekly = Math.round((amount * perYear[frequency]) / 52);
    return { amount, frequency, weekly, disregarded, counted: Math.max(0, weekly - disregarded) };
  });

interface Claim {
  readonly jobs: readonly Entry[];
  readonly pensions: readonly Entry[];
  readonly balances: readonly { balance: number; disregarded: boolean }[];
  readonly deductions: readonly number[];
  readonly premiums: readonly number[];
  readonly tariff: number;
  readonly allowance: number;
  readonly rent: number;
  readonly cap: number;
  readonly taperPercent: number;
  readonly passported: 'none' | 'UC';
}
type Entry = typeof incomeEntry extends fc.Arbitrary<infer T> ? T : never;

const claims: fc.Arbitrary<Claim> = fc.record({
  jobs: fc.array(incomeEntry, { maxLength: 3 }),
  pensions: fc.array(incomeEntry, { maxLength: 3 }),
  balances: fc.array(fc.record({ balance: pence, disregarded: fc.boolean() }), { maxLength: 4 }),
  deductions: fc.array(pence, { maxLength: 3 }),
  premiums: fc.array(pence, { maxLength: 3 }),
  tariff: pence,
  allowance: pence,
  rent: pence,
  cap: fc.integer({ min: 0, max: 1000 }),
  taperPercent: fc.integer({ min: 0, max: 100 }),
  passported: fc.constantFrom('none', 'UC'),
});

const nothing: Claim = {
  jobs: [],
  pensions: [],
  balances: [],
  deductions: [],
  premiums: [],
  tariff: 0,
  allowance: 0,
  rent: 0,
  cap: 0,
  taperPercent: 65,
  passported: 'none',
};

/** The statement that a council's system makes of a claim, worked out in floating point on purpose. */
function statementOf(claim: Claim): HbIncomeStatementV1 {
  const counted = [...claim.jobs, ...claim.pensions].map((entry) => entry.counted);
  const income = claim.passported === 'none' ? total(counted) + claim.tariff : 0;
  const excess = Math.max(0, income - claim.allowance - total(claim.premiums));
  const deductions = total(claim.deductions);
  const tapered = (claim.taperPercent * excess) / 100;
  const award = Math.max(0, Math.round(claim.rent - deductions - tapered - claim.cap + 1e-9));
  const incomeShape = (entry: Entry) => ({
    owner: 'claimant' as const,
    frequency: entry.frequency,
    disregard: { weekly: gbp(entry.disregarded), rule: 'Sch. 5' },
    weeklyCounted: gbp(entry.counted),
  });
  return {
    schema: 'hb-income-statement/v1',
    asAt: '2026-11-20T09:30:00Z',
    sections: {
      claim: {
        claimRef: 'HB/1',
        authority: { gssCode: 'E09000099' },
        scheme: 'working-age',
        status: 'in-payment',
        benefitWeekCommencing: '2026-11-16',
        passported: claim.passported,
      },
      household: {
        familyType: 'single',
        nonDependants: claim.deductions.map((amount) => ({ weeklyDeduction: gbp(amount) })),
      },
      earnings: claim.jobs.map((entry) => ({
        ...incomeShape(entry),
        employment: 'employed',
        net: gbp(entry.amount),
        weeklyNet: gbp(entry.weekly),
      })),
      pensionIncome: claim.pensions.map((entry) => ({
        ...incomeShape(entry),
        kind: 'occupational',
        amount: gbp(entry.amount),
        weekly: gbp(entry.weekly),
      })),
      capital: {
        items: claim.balances.map(({ balance, disregarded }) => ({
          type: 'cash',
          owner: 'claimant',
          balance: gbp(balance),
          disregarded,
        })),
        total: gbp(
          total(claim.balances.filter((one) => !one.disregarded).map((one) => one.balance)),
        ),
        tariffIncomeWeekly: gbp(claim.tariff),
        overUpperLimit: false,
      },
      housingCosts: {
        tenure: 'la',
        rentWeekly: gbp(claim.rent),
        eligibleRentWeekly: gbp(claim.rent),
      },
      award: {
        applicableAmount: {
          personalAllowance: gbp(claim.allowance),
          premiums: claim.premiums.map((amount) => ({ type: 'Carer', weekly: gbp(amount) })),
        },
        incomeCountedWeekly: gbp(income),
        excessIncomeWeekly: gbp(excess),
        taperPercent: claim.taperPercent,
        nonDependantDeductions: gbp(deductions),
        benefitCapReduction: gbp(claim.cap),
        weeklyAward: gbp(award),
      },
    },
  };
}

t.test('accepts every statement whose figures follow from one another', async () => {
  fc.assert(
    fc.property(claims, (claim) => checkIncomeArithmetic(statementOf(claim)).length === 0),
    { numRuns: 500 },
  );
});

t.test('finds any figure of the award that is a pound too high', async () => {
  const figures = [
    'incomeCountedWeekly',
    'excessIncomeWeekly',
    'nonDependantDeductions',
    'weeklyAward',
  ] as const;
  fc.assert(
    fc.property(claims, fc.constantFrom(...figures), (claim, figure) => {
      const statement = statementOf(claim);
      statement.sections.award[figure].amount += 100;
      const [first] = checkIncomeArithmetic(statement);
      return first?.pointer === `/sections/award/${figure}/amount` && first.rule === 'arithmetic';
    }),
  );
});

t.test('finds income that is counted as more than it is, wherever it stands', async () => {
  fc.assert(
    fc.property(claims, incomeEntry, (claim, entry) => {
      const inflated = { ...entry, counted: entry.counted + 1 };
      const jobFaults = checkIncomeArithmetic(statementOf({ ...claim, jobs: [inflated] }));
      const pensionFaults = checkIncomeArithmetic(statementOf({ ...claim, pensions: [inflated] }));
      return (
        jobFaults.some(({ pointer }) => pointer === '/sections/earnings/0/weeklyCounted/amount') &&
        pensionFaults.some(
          ({ pointer }) => pointer === '/sections/pensionIncome/0/weeklyCounted/amount',
        )
      );
    }),
  );
});

t.test('takes a weekly value to within a penny of the amount paid, and no further', async () => {
  fc.assert(
    fc.property(pence, fc.constantFrom(...frequencies), (amount, frequency) => {
      const exact = (amount * perYear[frequency]) / 52;
      const taken = [Math.floor(exact), Math.ceil(exact)];
      const refused = [Math.floor(exact) - 2, Math.ceil(exact) + 2];
      return (
        taken.every((weekly) => isWeeklyValue(weekly, amount, frequency)) &&
        refused.every((weekly) => !isWeeklyValue(weekly, amount, frequency))
      );
    }),
  );
});

t.test('begins a benefit week on a Monday only, before and after 1970', async (t) => {
  const statement = statementOf(nothing);
  const faultsFor = (date: string) => {
    statement.sections.claim.benefitWeekCommencing = date;
    return checkIncomeArithmetic(statement).map(({ pointer }) => pointer);
  };
  for (const monday of ['2026-11-16', '2024-02-26', '1970-01-05', '1969-12-29', '1900-01-01']) {
    t.same(faultsFor(monday), [], monday);
  }
  for (const other of ['2026-11-15', '2024-02-29', '1970-01-01', '1969-12-28', '1900-01-02']) {
    t.same(faultsFor(other), ['/sections/claim/benefitWeekCommencing'], other);
  }
});

t.test('names at most twenty faults', async (t) => {
  const wrong = {
    amount: 100,
    frequency: 'weekly',
    weekly: 900,
    disregarded: 0,
    counted: 5,
  } as const;
  const statement = statementOf({ ...nothing, jobs: Array.from({ length: 20 }, () => wrong) });
  t.equal(checkIncomeArithmetic(statement).length, 20);
});

t.test('works an award out to the penny', async (t) => {
  const rent = {
    eligibleRent: 12_000,
    nonDependantDeductions: 0,
    taperPercent: 65,
    benefitCapReduction: 0,
  };
  t.equal(excessIncome(22_577, 9_205), 13_372);
  t.equal(excessIncome(100, 9_205), 0);
  t.equal(weeklyAward({ ...rent, excessIncome: 13_372 }), 3_308);
  t.equal(weeklyAward({ ...rent, excessIncome: 10 }), 11_994, 'half a penny goes up');
  t.equal(weeklyAward({ ...rent, excessIncome: 99_999 }), 0, 'never below nothing');
  const small = { ...rent, eligibleRent: 40, excessIncome: 0 };
  t.ok(isWeeklyAward(0, small) && isWeeklyAward(40, small), 'too small to be paid');
  t.notOk(isWeeklyAward(0, { ...small, eligibleRent: 50 }), 'fifty pence is paid');
});
