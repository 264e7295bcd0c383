/**
 * Structured field values (RFC 9651), as far as HTTP message signatures need them: dictionaries of inner lists of
 * strings with parameters, and dictionaries of byte sequences. Stricter than the RFC where it lets things pass:
 * a key that stands twice is refused, and so is every form that is not written here.
 *
 *     sig=("@method" "content-type");created=1618884473;keyid="k"        sig=:wqcAqbmYJ2ji2g==:
 */

export type ParameterValue = string | number;
export type Parameters = readonly (readonly [name: string, value: ParameterValue])[];

export interface InnerList {
  readonly items: readonly string[];
  readonly parameters: Parameters;
}

const key = '[a-z*][a-z0-9_.*-]*';
const text = '"(?:[ !#-[\\]-~]|\\\\["\\\\])*"';
const parameter = `;${key}=(?:${text}|-?[0-9]{1,15})`;
const innerListMember = new RegExp(
  `(${key})=\\(((?:${text}(?: ${text})*)?)\\)((?:${parameter})*)`,
  'y',
);
const bytesMember = new RegExp(`(${key})=:([A-Za-z0-9+/]*={0,2}):`, 'y');
const separator = /[ \t]*,[ \t]*/y;

/** Throws RangeError for text that a string cannot hold (RFC 9651 section 4.1.6), and for odd integers. */
export function formatInnerList({ items, parameters }: InnerList): string {
  const written = parameters.map(([name, value]) => `;${name}=${formatValue(value)}`);
  return `(${items.map(formatString).join(' ')})${written.join('')}`;
}

export function formatByteSequence(bytes: Buffer): string {
  return `:${bytes.toString('base64')}:`;
}

/** Throws RangeError for everything that is no dictionary of inner lists of strings. */
export function parseInnerLists(field: string): ReadonlyMap<string, InnerList> {
  return parseMembers(field, innerListMember, ([, , items = '', parameters = '']) => ({
    items: [...items.matchAll(new RegExp(text, 'g'))].map(([quoted]) => parseString(quoted)),
    parameters: parseParameters(parameters),
  }));
}

/** Throws RangeError for everything that is no dictionary of byte sequences. */
export function parseByteSequences(field: string): ReadonlyMap<string, Buffer> {
  return parseMembers(field, bytesMember, ([, , base64 = '']) => {
    const bytes = Buffer.from(base64, 'base64');
    // one value must have one spelling: Node decodes leniently
    if (bytes.toString('base64') !== base64) throw notStructured();
    return bytes;
  });
}

function parseMembers<Value>(
  field: string,
  member: RegExp,
  read: (match: RegExpExecArray) => Value,
): ReadonlyMap<string, Value> {
  const members = new Map<string, Value>();
  let at = 0;
  do {
    const match = execAt(member, field, at);
    const name = match?.[1];
    if (!match || name === undefined || members.has(name)) throw notStructured();
    members.set(name, read(match));
    at += match[0].length;
    if (at === field.length) return members;
    at += execAt(separator, field, at)?.[0].length ?? 0;
  } while (at <= field.length);
  throw notStructured();
}

function execAt(pattern: RegExp, field: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(field);
}

function parseParameters(written: string): Parameters {
  const parameters = [
    ...written.matchAll(new RegExp(`;(${key})=(${text}|-?[0-9]{1,15})`, 'g')),
  ].map(([, name = '', value = '']): [string, ParameterValue] => [
    name,
    value.startsWith('"') ? parseString(value) : Number(value),
  ]);
  if (new Set(parameters.map(([name]) => name)).size !== parameters.length) throw notStructured();
  return parameters;
}

function parseString(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

function formatString(value: string): string {
  if (!/^[ -~]*$/.test(value)) throw notStructured();
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

function formatValue(value: ParameterValue): string {
  if (typeof value === 'string') return formatString(value);
  if (!Number.isInteger(value) || Math.abs(value) > 999_999_999_999_999) throw notStructured();
  return String(value);
}

function notStructured(): RangeError {
  return new RangeError('not a structured field of the expected form (RFC 9651)');
}
