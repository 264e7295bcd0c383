/**
 * How PostgreSQL's types become JavaScript's (docs: PostgreSQL manual, chapter 8). pg's defaults turn a
 * bigint into text and a date into midnight of whatever zone the machine is in; both are refused here.
 */
import { types } from 'pg';

/**
 * What the parsers here read: dates as ISO 8601 and bytes as hex. A role or a database may have other defaults of its
 * own, set by whoever administers it.
 */
export const columnSettings = "set datestyle = 'ISO, YMD'; set bytea_output = 'hex'";

const oid = {
  int8: 20,
  date: 1082,
  timestamptz: 1184,
  int8Array: 1016,
  dateArray: 1182,
  textArray: 1009,
};

/** A count or an index beyond 2^53 would silently be a different one: better no answer. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint exceeds 2^53');
  return value;
}

const parseTextArray = types.getTypeParser(oid.textArray);
const parseTimestamp = types.getTypeParser(oid.timestamptz);

/** The ends of JavaScript's time (ECMA-262 section 21.4.1.1) stand for the infinities, so order is kept. */
const endOfTimeMs = 8.64e15;

function instant(text: string): Date {
  if (text === 'infinity') return new Date(endOfTimeMs);
  if (text === '-infinity') return new Date(-endOfTimeMs);
  const parsed: unknown = parseTimestamp(text);
  if (!(parsed instanceof Date)) throw new RangeError('not a timestamp');
  return parsed;
}

function integers(text: string): (number | null)[] {
  const items: (string | null)[] = parseTextArray(text);
  return items.map((item) => (item === null ? null : safeInteger(item)));
}

const parsers = new Map<number, (text: string) => unknown>([
  [oid.int8, safeInteger],
  [oid.date, (text) => text],
  [oid.timestamptz, instant],
  [oid.int8Array, integers],
  [oid.dateArray, parseTextArray],
]);

export const columnTypes = {
  getTypeParser(id: number, format?: 'text' | 'binary') {
    const own = format === 'binary' ? undefined : parsers.get(id);
    return own ?? types.getTypeParser(id, format);
  },
};
