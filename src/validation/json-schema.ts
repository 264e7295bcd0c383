/**
 * JSON Schema 2020-12 (json-schema.org/draft/2020-12), and the only home of ajv. Schemas are the
 * project's own, never a peer's: their patterns must be linear, since a pattern is tried on a string
 * that is already too long.
 *
 * A value is judged by a validator that stops at the first fault. One that lists them all runs only
 * on a refused value of moderate size: ajv copies its list of errors at each `$ref`, and 19,000 empty
 * entries in 57 kB took it 370 ms; 2,000 take 4 ms.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { ErrorCode } from '../errors/error-code.ts';
import { type Fault, GatewayError } from '../errors/gateway-error.ts';
import { isDateTime, isFullDate } from './rfc3339.ts';
import { schemaFaults } from './schema-fault.ts';

/** What is wrong with a value: nothing when it is valid, at most twenty faults otherwise. */
export interface SchemaCheck<T> {
  (value: unknown): readonly Fault[];
  readonly accepts: (value: unknown) => value is T;
  /** The value as what the schema says it is; throws a GatewayError of that code with the faults. */
  readonly checked: (value: unknown, code: ErrorCode) => T;
}

interface CompileOptions {
  /** For query strings and parameters alone: turns text into the numbers and booleans meant. */
  readonly coerceTypes?: boolean;
}

/** Keywords of our own that say something about a record and constrain nothing (docs/record-types.md). */
const annotations = [
  'x-record-type',
  'x-kind',
  'x-explicit-only',
  'x-label',
  'x-redact',
  'x-person',
];

const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/iu;

/** How many members and elements a refused value may have for all its faults to be listed. */
const maxListed = 2000;

const stopping = { exact: createAjv({}), coercing: createAjv({ coerceTypes: true }) };
// Verbose, so that a fault can name the members that exclude each other.
const listing = {
  exact: createAjv({ allErrors: true, verbose: true }),
  coercing: createAjv({ allErrors: true, verbose: true, coerceTypes: true }),
};

/**
 * `T` is the caller's promise about the schema; generated types are compared with it by a test.
 * Throws at once on a schema that is no schema: those are files of ours.
 */
export function compileSchema<T>(schema: unknown, options: CompileOptions = {}): SchemaCheck<T> {
  if (typeof schema !== 'object' || schema === null) throw new TypeError('a schema is an object');
  const kind = options.coerceTypes ? 'coercing' : 'exact';
  const validate = stopping[kind].compile<T>(schema);
  const listAll = lazily(() => listing[kind].compile(schema));

  const accepts = (value: unknown): value is T => validate(value);
  const faultsOf = (value: unknown): readonly Fault[] => {
    const first = validate.errors ?? [];
    if (!isModerate(value)) return schemaFaults(first);
    const list = listAll();
    // Coercion may have changed the value in between: what was refused once stays refused.
    return schemaFaults(list(value) ? first : (list.errors ?? first));
  };
  const faults = (value: unknown): readonly Fault[] => (accepts(value) ? [] : faultsOf(value));
  const checked = (value: unknown, code: ErrorCode): T => {
    if (accepts(value)) return value;
    throw new GatewayError(code, { errors: faultsOf(value) });
  };
  return Object.assign(faults, { accepts, checked });
}

function createAjv(options: {
  coerceTypes?: boolean;
  allErrors?: boolean;
  verbose?: boolean;
}): Ajv2020 {
  const ajv = new Ajv2020({
    ...options,
    strict: true,
    allowUnionTypes: true,
    ownProperties: true,
    // Two files may be compiled twice (tests, reloads) without clashing on their $id.
    addUsedSchema: false,
  });
  ajvFormats.default(ajv, { mode: 'full', formats: ['uri'] });
  // ajv-formats' date-time takes a space and a second 60, its uuid a urn: prefix: PostgreSQL does not.
  ajv.addFormat('date', isFullDate);
  ajv.addFormat('date-time', isDateTime);
  ajv.addFormat('uuid', uuid);
  ajv.addVocabulary(annotations);
  return ajv;
}

/** Compiling costs some 50 ms, and a value that is refused may never come. */
function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Requires a value that nests only as deep as parseStrictJson lets it. */
function isModerate(value: unknown): boolean {
  let left = maxListed;
  const count = (held: unknown): void => {
    if (typeof held !== 'object' || held === null) return;
    const values: unknown[] = Object.values(held);
    left -= values.length;
    for (const inner of values) if (left >= 0) count(inner);
  };
  count(value);
  return left >= 0;
}
