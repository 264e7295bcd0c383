/**
 * JSON from peers (RFC 8259, narrowed towards I-JSON, RFC 7493): what two readers could take for
 * different values, or what the database cannot hold, is refused before anything looks at it.
 *
 * Order matters. The depth is scanned without recursion first, since jsonc-parser recurses;
 * JSON.parse then gives the value, and the spans show what JSON.parse hides: duplicate members,
 * escaped spellings of one name (`"\u0063"`) too.
 */
import { GatewayError } from '../errors/gateway-error.ts';
import { formatShownPointer } from './json-pointer.ts';
import { findMember, type JsonSpan, JsonSyntaxError, locateJson } from './json-spans.ts';

export interface JsonLimits {
  /** How deep objects and arrays may nest. Requires a value below 1,000 (see json-spans.ts). */
  readonly maxDepth: number;
  /** How many members and elements the whole text may hold. At least 1. */
  readonly maxKeys: number;
}

export interface StrictJson {
  readonly text: string;
  readonly value: unknown;
  readonly span: JsonSpan;
}

type JsonRule =
  | 'encoding'
  | 'syntax'
  | 'depth'
  | 'members'
  | 'duplicate'
  | 'prototype'
  | 'nul'
  | 'surrogate'
  | 'number';

const [quote, comma, backslash] = [0x22, 0x2c, 0x5c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a body. Malformed UTF-8 and a byte order mark (RFC 8259 section 8.1) are refused. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw malformed([], 'encoding', 'must be UTF-8');
  }
  if (text.startsWith('\ufeff'))
    throw malformed([], 'encoding', 'must not begin with a byte order mark');
  return text;
}

/** Throws JSON_MALFORMED with one fault: the first place where the text breaks a rule. */
export function parseStrictJson(text: string, limits: JsonLimits): StrictJson {
  refuseExcess(text, limits);
  const { value, span } = parseAndLocate(text);
  refuseAmbiguity(text, span, limits.maxKeys);
  return { text, value, span };
}

/** The members of the object at a path, in the text's order, each value's text byte for byte. */
export function memberTexts(
  json: StrictJson,
  path: readonly string[],
): readonly { name: string; text: string }[] {
  let at: JsonSpan | undefined = json.span;
  for (const name of path) at = at && findMember(at, name)?.value;
  if (at?.kind !== 'object') return [];
  return at.members.map(({ name, value }) => ({
    name,
    text: json.text.slice(value.start, value.end),
  }));
}

/**
 * Bounds the text before anything recurses or allocates by it. The depth is an upper bound on
 * jsonc-parser's recursion; more commas or containers than `maxKeys` cannot be fewer members and
 * elements than that, and what passes is counted exactly later.
 */
function refuseExcess(text: string, limits: JsonLimits): void {
  let depth = 0;
  let commas = 0;
  let containers = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (inString) {
      if (unit === backslash) i++;
      else if (unit === quote) inString = false;
    } else if (unit === quote) {
      inString = true;
    } else if (unit === comma) {
      commas++;
    } else if (unit === openBrace || unit === openBracket) {
      containers++;
      if (++depth > limits.maxDepth) throw tooDeep(limits.maxDepth);
    } else if (unit === closeBrace || unit === closeBracket) {
      depth--;
    }
  }
  if (Math.max(commas + 1, containers - 1) > limits.maxKeys) throw tooMany(limits.maxKeys);
}

/** JSON.parse is the judge of syntax; the other parser only says where a text goes wrong. */
function parseAndLocate(text: string): { value: unknown; span: JsonSpan } {
  try {
    const span = locateJson(text);
    const value: unknown = JSON.parse(text);
    return { value, span };
  } catch (error) {
    const where = error instanceof JsonSyntaxError ? ` from character ${error.offset} on` : '';
    throw malformed([], 'syntax', `is not JSON (RFC 8259)${where}`);
  }
}

function refuseAmbiguity(text: string, root: JsonSpan, maxKeys: number): void {
  const path: (string | number)[] = [];
  let keys = 0;
  const enter = (segment: string | number, value: JsonSpan): void => {
    if (++keys > maxKeys) throw tooMany(maxKeys);
    path.push(segment);
    walk(value);
    path.pop();
  };
  const walk = (span: JsonSpan): void => {
    if (span.kind === 'array') {
      span.elements.forEach((element, index) => {
        enter(index, element);
      });
    } else if (span.kind === 'object') {
      const seen = new Set<string>();
      for (const { name, value } of span.members) {
        refuseName(name, seen, path);
        enter(name, value);
      }
    } else if (typeof span.value === 'string') {
      refuseString(span.value, path);
    } else if (typeof span.value === 'number') {
      refuseNumber(span.value, text.slice(span.start, span.end), path);
    }
  };
  walk(root);
}

/**
 * `__proto__` alone is magic: copying it by assignment sets a prototype. `constructor` and
 * `prototype` are plain members of what JSON.parse makes, and nothing here merges objects deeply.
 */
function refuseName(name: string, seen: Set<string>, parent: readonly (string | number)[]): void {
  const path = [...parent, name];
  refuseString(name, path);
  if (name === '__proto__') throw malformed(path, 'prototype', 'must not be named __proto__');
  if (seen.has(name)) throw malformed(path, 'duplicate', 'must not occur twice in one object');
  seen.add(name);
}

/** PostgreSQL's text and jsonb hold neither; ajv passes both. */
function refuseString(value: string, path: readonly (string | number)[]): void {
  if (value.includes('\0')) throw malformed(path, 'nul', 'must not hold U+0000');
  if (!value.isWellFormed()) throw malformed(path, 'surrogate', 'must not hold a lone surrogate');
}

/**
 * A number that a double cannot hold would be checked as one value and relayed as another (RFC 7493
 * section 2.2): overflow, underflow to zero, and integers beyond 2^53.
 */
function refuseNumber(value: number, literal: string, path: readonly (string | number)[]): void {
  const lost =
    !Number.isFinite(value) ||
    (Number.isInteger(value) && !Number.isSafeInteger(value)) ||
    (value === 0 && /^[^eE]*[1-9]/u.test(literal));
  if (lost) throw malformed(path, 'number', 'must be a number that a double holds');
}

function tooDeep(maxDepth: number): GatewayError {
  return malformed([], 'depth', `must nest at most ${maxDepth} levels deep`);
}

function tooMany(maxKeys: number): GatewayError {
  return malformed([], 'members', `must hold at most ${maxKeys} members and elements`);
}

function malformed(
  path: readonly (string | number)[],
  rule: JsonRule,
  detail: string,
): GatewayError {
  return new GatewayError('JSON_MALFORMED', {
    errors: [{ pointer: formatShownPointer(path), rule, detail }],
  });
}
