/**
 * Query strings, described by JSON Schema like bodies are. Unknown and repeated parameters are refused:
 * a filter that is silently passed over would answer another question than the one asked. Names come
 * from the peer and may be personal data sent by mistake, so a fault tells the position, and the names that
 * there are.
 */
import { compileSchema } from '../validation/json-schema.ts';
import { malformed } from './malformed.ts';

export interface QueryShape<T> {
  /** By name; for the API description as well. */
  properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** `search` is what stands behind the question mark. Throws REQUEST_MALFORMED. */
  read(search: string): T;
}

/** `T` is the caller's promise about the properties, all of which are optional. */
export function queryShape<T>(properties: QueryShape<T>['properties']): QueryShape<T> {
  const check = compileSchema<T>({ type: 'object', properties }, { coerceTypes: true });
  return {
    properties,
    read: (search) => check.checked(parameters(search, properties), 'REQUEST_MALFORMED'),
  };
}

function parameters(
  search: string,
  known: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const values: Record<string, string> = {};
  if (search === '') return values;
  let position = 0;
  for (const [name, value] of new URLSearchParams(search)) {
    position += 1;
    if (!Object.hasOwn(known, name))
      throw malformed(
        `Query parameter ${position} is not known here. Known: ${Object.keys(known).join(', ')}.`,
      );
    if (Object.hasOwn(values, name))
      throw malformed(`Query parameter ${position} stands there twice.`);
    values[name] = value;
  }
  return values;
}
