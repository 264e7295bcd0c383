/**
 * Typed reading of a decision-case file, which people write by hand: every fault is named by its path,
 * never by the value found there. A member that is null counts as absent.
 */
import { GatewayError } from '../errors/gateway-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function refuseCase(path: string, expected: string): never {
  throw new GatewayError('REQUEST_MALFORMED', { detail: `${path}: ${expected}` });
}

export function readObject(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuseCase(path, 'an object is needed');
  return Object.fromEntries(Object.entries(value));
}

/** An absent object reads as an empty one. */
export function readOptionalObject(value: unknown, path: string): JsonObject {
  return value === undefined || value === null ? {} : readObject(value, path);
}

/** An absent list reads as an empty one. */
export function readList<T>(
  value: unknown,
  path: string,
  readItem: (item: unknown, path: string) => T,
): T[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) refuseCase(path, 'a list is needed');
  return value.map((item: unknown, index) => readItem(item, `${path}[${index}]`));
}

export function readString(value: unknown, path: string): string {
  return typeof value === 'string' ? value : refuseCase(path, 'a string is needed');
}

export function readNumber(value: unknown, path: string): number {
  return typeof value === 'number' ? value : refuseCase(path, 'a number is needed');
}

export function readBoolean(value: unknown, path: string): boolean {
  return typeof value === 'boolean' ? value : refuseCase(path, 'true or false is needed');
}

export function readStrings(value: unknown, path: string): string[] {
  return readList(value, path, readString);
}

/** One word of a closed vocabulary. */
export function readWord<W extends string>(value: unknown, path: string, words: readonly W[]): W {
  const word = words.find((candidate) => candidate === value);
  return word ?? refuseCase(path, `one of ${words.join(', ')} is needed`);
}

// A date alone is midnight UTC; a time must say its offset, or it would depend on the machine's zone.
const instantForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?$/;

/** RFC 3339 date-time, or its full-date, to milliseconds since 1970. */
export function readInstant(value: unknown, path: string): number {
  const at = typeof value === 'string' && instantForm.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? refuseCase(path, 'an RFC 3339 instant is needed') : at;
}

export function readOptional<T>(
  value: unknown,
  path: string,
  read: (value: unknown, path: string) => T,
): T | undefined {
  return value === undefined || value === null ? undefined : read(value, path);
}
