/**
 * Dates and instants of RFC 3339 section 5.6, narrowed to what PostgreSQL and Date hold alike:
 * upper-case `T` and `Z`, an offset always, no year 0000, no leap second, offsets below 16 hours,
 * at most nine digits of a second. Specimens: `2028-02-29`, `2026-11-20T09:30:00.25+01:00`.
 */

const fullDate = /^(\d{4})-(\d{2})-(\d{2})$/u;
const partialTime = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?';
const offset = '(?:Z|[+-](?:0\\d|1[0-5]):[0-5]\\d)';
const timeWithOffset = new RegExp(`^T${partialTime}${offset}$`, 'u');

/** A day that exists: leap years are counted. */
export function isFullDate(text: string): boolean {
  const [, year, month, day] = (fullDate.exec(text) ?? []).map(Number);
  if (!year || !month || !day) return false;
  return month <= 12 && day <= daysOf(year, month);
}

export function isDateTime(text: string): boolean {
  return isFullDate(text.slice(0, 10)) && timeWithOffset.test(text.slice(10));
}

function daysOf(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
