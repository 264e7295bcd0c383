/**
 * The arithmetic of an income statement that a schema cannot express (docs/record-types.md, "The
 * arithmetic"). A statement whose figures contradict each other would decide a claim wrongly
 * wherever it is read, so it is refused at the door. Faults name a place and never an amount.
 */
import type { Fault } from '../errors/gateway-error.ts';
import { excessIncome, isWeeklyAward } from './benefit-award.ts';
import type {
  Disregard,
  Frequency,
  HbIncomeStatementSections,
  HbIncomeStatementV1,
  Money,
} from './types/hb-income-statement-v1.ts';
import { isWeeklyValue } from './weekly-amount.ts';

const maxFaults = 20;
const dayMs = 86_400_000;

/** One source of income, whatever its section: what was paid, and what of it counts. */
interface Income {
  readonly pointer: string;
  readonly paid: Money;
  readonly frequency: Frequency;
  readonly weeklyMember: 'weekly' | 'weeklyNet';
  readonly weekly: Money;
  readonly disregard: Disregard | undefined;
  readonly counted: Money;
  readonly wholeDisregarded: boolean;
}

/**
 * At most twenty faults, in the order of the sections; empty when the figures agree. Requires a
 * statement that its schema accepts. With two currencies nothing else is compared.
 */
export function checkIncomeArithmetic({ sections }: HbIncomeStatementV1): Fault[] {
  const currency = sections.housingCosts.rentWeekly.currency;
  const strange = findOtherCurrency(sections, currency, '/sections');
  if (strange !== undefined) {
    return [fault(strange, 'must be the one currency used throughout the statement')];
  }
  const income = incomeOf(sections);
  return [
    ...claimFaults(sections),
    ...income.flatMap(incomeFaults),
    ...capitalFaults(sections),
    ...awardFaults(sections, income),
  ].slice(0, maxFaults);
}

function claimFaults({ claim }: HbIncomeStatementSections): Fault[] {
  if (isMonday(claim.benefitWeekCommencing)) return [];
  return [fault('/sections/claim/benefitWeekCommencing', 'must be a Monday')];
}

function incomeOf(sections: HbIncomeStatementSections): Income[] {
  const jobs = (sections.earnings ?? []).map((job, index): Income => {
    return {
      pointer: `/sections/earnings/${index}`,
      paid: job.net,
      frequency: job.frequency,
      weeklyMember: 'weeklyNet',
      weekly: job.weeklyNet,
      disregard: job.disregard,
      counted: job.weeklyCounted,
      wholeDisregarded: false,
    };
  });
  const others = (['benefitIncome', 'pensionIncome', 'otherIncome'] as const).flatMap((name) =>
    (sections[name] ?? []).map((entry, index): Income => {
      return {
        pointer: `/sections/${name}/${index}`,
        paid: entry.amount,
        frequency: entry.frequency,
        weeklyMember: 'weekly',
        weekly: entry.weekly,
        disregard: entry.disregard,
        counted: entry.weeklyCounted,
        wholeDisregarded: 'disregarded' in entry && entry.disregarded,
      };
    }),
  );
  return [...jobs, ...others];
}

function incomeFaults(income: Income): Fault[] {
  const faults: Fault[] = [];
  if (!isWeeklyValue(income.weekly.amount, income.paid.amount, income.frequency)) {
    const place = `${income.pointer}/${income.weeklyMember}/amount`;
    faults.push(fault(place, 'must be the amount paid, converted by its frequency, to the penny'));
  }
  const left = Math.max(0, income.weekly.amount - (income.disregard?.weekly.amount ?? 0));
  if (income.counted.amount !== left || (income.wholeDisregarded && left !== 0)) {
    const place = `${income.pointer}/weeklyCounted/amount`;
    faults.push(fault(place, 'must be the weekly amount less what is disregarded, not below 0'));
  }
  return faults;
}

function capitalFaults({ capital }: HbIncomeStatementSections): Fault[] {
  if (capital === undefined) return [];
  const counted = capital.items.filter((item) => !item.disregarded).map((item) => item.balance);
  if (capital.total.amount === sum(counted)) return [];
  const place = '/sections/capital/total/amount';
  return [fault(place, 'must be the sum of the balances that are not disregarded')];
}

function awardFaults(sections: HbIncomeStatementSections, income: readonly Income[]): Fault[] {
  const { award, capital, claim, household, housingCosts } = sections;
  const at = (member: string) => `/sections/award/${member}/amount`;
  const isPassported = claim.passported !== 'none';
  const faults: Fault[] = [];

  const counted = sum(income.map((one) => one.counted)) + (capital?.tariffIncomeWeekly.amount ?? 0);
  if (award.incomeCountedWeekly.amount !== (isPassported ? 0 : counted)) {
    const what = isPassported
      ? 'must be 0, since a passported claim leaves income out of account'
      : 'must be the sum of every weeklyCounted and the tariff income from capital';
    faults.push(fault(at('incomeCountedWeekly'), what));
  }

  const { personalAllowance, premiums = [] } = award.applicableAmount;
  const applicable = sum([personalAllowance, ...premiums.map((premium) => premium.weekly)]);
  if (
    award.excessIncomeWeekly.amount !== excessIncome(award.incomeCountedWeekly.amount, applicable)
  ) {
    const what = 'must be the counted income less the applicable amount, not below 0';
    faults.push(fault(at('excessIncomeWeekly'), what));
  }

  const deductions = (household.nonDependants ?? []).map((person) => person.weeklyDeduction);
  if (award.nonDependantDeductions.amount !== sum(deductions)) {
    const what = 'must be the sum of the deductions for the non-dependants of the household';
    faults.push(fault(at('nonDependantDeductions'), what));
  }

  const parts = {
    eligibleRent: housingCosts.eligibleRentWeekly.amount,
    nonDependantDeductions: award.nonDependantDeductions.amount,
    excessIncome: award.excessIncomeWeekly.amount,
    taperPercent: award.taperPercent,
    benefitCapReduction: award.benefitCapReduction.amount,
  };
  if (!isWeeklyAward(award.weeklyAward.amount, parts)) {
    const what = 'must be eligible rent less deductions, tapered excess and cap, half a penny up';
    faults.push(fault(at('weeklyAward'), what));
  }
  return faults;
}

/** The pointer of the first amount in another currency, depth first; undefined when there is none. */
function findOtherCurrency(value: unknown, currency: string, pointer: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('amount' in value && 'currency' in value) {
    return value.currency === currency ? undefined : `${pointer}/currency`;
  }
  for (const [name, member] of Object.entries(value)) {
    // A local field may be called anything; no amount of the statement stands there.
    if (name === 'extensions') continue;
    const found = findOtherCurrency(member, currency, `${pointer}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether an RFC 3339 full-date is a Monday. Day 0 of the epoch was a Thursday. */
function isMonday(date: string): boolean {
  return (((Date.parse(`${date}T00:00:00Z`) / dayMs + 3) % 7) + 7) % 7 === 0;
}

function sum(amounts: readonly Money[]): number {
  return amounts.reduce((total, money) => total + money.amount, 0);
}

function fault(pointer: string, detail: string): Fault {
  return { pointer, rule: 'arithmetic', detail };
}
