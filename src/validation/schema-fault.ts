/**
 * What ajv reports, told to a partner: a place (RFC 6901), the keyword, and one clause made of the
 * schema alone. Never a value of the document, so ajv's own messages are not used; member names are
 * the sender's and show only where they look like names.
 */
import { formatShownPointer, parsePointer } from '../encoding/json-pointer.ts';
import type { Fault } from '../errors/gateway-error.ts';

/** The part of ajv's ErrorObject that is read here. */
interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly propertyName?: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The keyword's value, where ajv tells it (`verbose`). */
  readonly schema?: unknown;
}

const maxFaults = 20;
const maxTextShown = 120;

/** Keywords that only repeat what the errors inside them say. */
const wrappers = new Set(['if', 'propertyNames']);

/** Parameters that name the member which is missing or too many, rather than its parent. */
const memberParameters = ['missingProperty', 'additionalProperty', 'unevaluatedProperty'] as const;

/** The schemas' pattern for texts that say something. */
const notBlank = '\\S';

const formats: Readonly<Record<string, string>> = {
  date: 'must be a full date such as 2026-02-28',
  'date-time': 'must be a date and time with offset such as 2026-02-28T09:30:00Z',
  uuid: 'must be a UUID',
  uri: 'must be an absolute URI',
};

/** At most twenty faults in the schema's order, each once. */
export function schemaFaults(errors: readonly SchemaError[]): readonly Fault[] {
  const choices = new Map(errors.map((error) => [error, missingChoices(error, errors)]));
  const chosen = new Set([...choices.values()].flat());
  const telling = errors.filter((error) => !wrappers.has(error.keyword) && !chosen.has(error));
  const faults = new Map<string, Fault>();
  for (const error of telling.length > 0 ? telling : errors) {
    const fault = schemaFault(error, choices.get(error));
    const key = `${fault.rule} ${fault.pointer}`;
    if (!faults.has(key)) faults.set(key, fault);
    if (faults.size === maxFaults) break;
  }
  return [...faults.values()];
}

/** Of alternatives, those that only miss a member: each told alone would ask for all of the members. */
function missingChoices(
  { keyword, instancePath, schemaPath }: SchemaError,
  errors: readonly SchemaError[],
): readonly SchemaError[] {
  if (keyword !== 'oneOf' && keyword !== 'anyOf') return [];
  return errors.filter(
    (error) =>
      error.keyword === 'required' &&
      error.instancePath === instancePath &&
      error.schemaPath.startsWith(`${schemaPath}/`),
  );
}

function schemaFault(error: SchemaError, choices: readonly SchemaError[] = []): Fault {
  const names = listOf(choices.map(({ params }) => params['missingProperty']));
  const how = error.keyword === 'oneOf' ? 'exactly' : 'at least';
  const rivals = rivalMembers(error);
  const pointer = placeOf(error);
  const rule = error.keyword;
  if (choices.length > 0) return { pointer, rule, detail: `must have ${how} one of ${names}` };
  if (rivals.length === 0) return { pointer, rule, detail: clauseOf(error) };
  return { pointer, rule, detail: `must have only one of ${listOf(rivals)}` };
}

/** Of alternatives of which more than one fits, the members that each asks for; none where one asks for no member. */
function rivalMembers({ keyword, schema, params }: SchemaError): readonly string[] {
  const isBoth = keyword === 'oneOf' && Array.isArray(params['passingSchemas']);
  if (!isBoth || !Array.isArray(schema)) return [];
  const members = schema.map((alternative: unknown) => {
    const required: unknown = Object(alternative).required;
    return Array.isArray(required) ? required.filter(isText) : [];
  });
  if (members.some(({ length }) => length === 0)) return [];
  const isCommon = (name: string) => members.every((names) => names.includes(name));
  return [...new Set(members.flat())].filter((name) => !isCommon(name));
}

function placeOf({ instancePath, propertyName, params }: SchemaError): string {
  const path = parsePointer(instancePath);
  const member = memberParameters.map((name) => params[name]).find(isText) ?? propertyName;
  if (member !== undefined) path.push(member);
  return formatShownPointer(path);
}

function clauseOf({ keyword, params }: SchemaError): string {
  const limit = String(params['limit']);
  const counted = (noun: string) => `${limit} ${noun}${params['limit'] === 1 ? '' : 's'}`;
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
      return 'must be given';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not known here';
    case 'type':
      return `must be of type ${listOf(params['type'])}`;
    case 'const':
      return `must be ${shortened(JSON.stringify(params['allowedValue']))}`;
    case 'enum':
      return `must be one of ${listOf(params['allowedValues'])}`;
    case 'format':
      return formats[String(params['format'])] ?? `must be a ${params['format']}`;
    case 'pattern':
      if (params['pattern'] === notBlank) return 'must hold more than white space';
      return `must match ${shortened(String(params['pattern']))}`;
    case 'minLength':
      return `must have at least ${counted('character')}`;
    case 'maxLength':
      return `must have at most ${counted('character')}`;
    case 'minItems':
      return `must have at least ${counted('element')}`;
    case 'maxItems':
      return `must have at most ${counted('element')}`;
    case 'minProperties':
      return `must have at least ${counted('member')}`;
    case 'maxProperties':
      return `must have at most ${counted('member')}`;
    case 'uniqueItems':
      return 'must not repeat an element';
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `must be ${params['comparison']} ${limit}`;
    case 'multipleOf':
      return `must be a multiple of ${params['multipleOf']}`;
    case 'oneOf':
      return 'must fit exactly one of the forms allowed here';
    case 'anyOf':
      return 'must fit one of the forms allowed here';
    case 'false schema':
      return 'must not be given here';
    default:
      return `must satisfy ${keyword}`;
  }
}

/** Cut behind a whole choice: half a word would be taken for one. */
function listOf(allowed: unknown): string {
  const choices: readonly string[] = Array.isArray(allowed)
    ? allowed.map(String)
    : [String(allowed)];
  const isShown = (_: string, i: number) =>
    choices.slice(0, i + 1).join(', ').length <= maxTextShown;
  const shown = Math.max(1, choices.filter(isShown).length);
  const list = choices.slice(0, shown).map(shortened).join(', ');
  return shown < choices.length ? `${list} and ${choices.length - shown} more` : list;
}

function shortened(text: string): string {
  return text.length > maxTextShown ? `${text.slice(0, maxTextShown)}…` : text;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
