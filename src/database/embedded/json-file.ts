/** Small JSON files of our own: one object, whose members are read as text. */
import { readFileSync } from 'node:fs';

/** Throws when the file is absent, or is no JSON object, or lacks one of the members. */
export function readMembers<Name extends string>(
  file: string,
  names: readonly Name[],
): Record<Name, string> {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isObject(value) || !hasAll(value, names)) throw new Error(`${file} is damaged: remove it`);
  return value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function hasAll<Name extends string>(
  value: object,
  names: readonly Name[],
): value is Record<Name, string> {
  return names.every((name) => typeof Reflect.get(value, name) === 'string');
}
