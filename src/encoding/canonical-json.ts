/**
 * Canonical JSON (RFC 8785): one text for one value, so that a commitment made today can be checked
 * against the value in ten years. For the gateway's own values; what partners send is relayed as it came.
 * The RFC's text is what `JSON.stringify` writes of members in order (section 3.2.2), so a value is put in
 * order and written by the engine: 2 µs for an event of 0.7 kB, where the package takes 9.
 */
import canonicalize from 'canonicalize';

/**
 * Members by UTF-16 code units, ECMAScript numbers, no white space. Throws TypeError for what JSON cannot
 * say (undefined, NaN, functions, lone surrogates, cycles) and for objects that are not plain, such as
 * dates: they would be dropped or converted, which would commit to something else than was meant.
 */
export function canonicalJson(value: unknown): string {
  try {
    const seen = { hasOddNames: false };
    const ordered = inOrder(value, seen, 0);
    return seen.hasOddNames ? (canonicalize(value) ?? '') : JSON.stringify(ordered);
  } catch (cause) {
    throw new TypeError('JSON has no way to say this value', { cause });
  }
}

/** Deeper is a cycle: nothing of ours comes near it. */
const maxDepth = 500;
/** Members that the engine puts first, whatever their order, and the one that is no member to it. */
const oddName = /^(?:0|[1-9]\d*|__proto__)$/;

/** The same value where its members stand in order already, else a copy in which they do. */
function inOrder(value: unknown, seen: { hasOddNames: boolean }, depth: number): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'boolean' || value === null) return value;
  if (depth > maxDepth) throw new TypeError('a cycle');
  if (Array.isArray(value)) return itemsInOrder(value, seen, depth);
  if (!isPlainObject(value)) throw new TypeError('not plain');
  const names = Object.keys(value);
  let copy: Record<string, unknown> | undefined = isSorted(names) ? undefined : {};
  if (copy) names.sort();
  for (const name of names) {
    const member = inOrder(value[name], seen, depth + 1);
    if (isOdd(wellFormed(name))) seen.hasOddNames = true;
    else if (copy) copy[name] = member;
    else if (member !== value[name]) copy = { ...value, [name]: member };
  }
  return copy ?? value;
}

function itemsInOrder(
  items: readonly unknown[],
  seen: { hasOddNames: boolean },
  depth: number,
): readonly unknown[] {
  let copy: unknown[] | undefined;
  // by index: whatever else goes through an array passes over holes, which JSON cannot say
  for (let i = 0; i < items.length; i += 1) {
    const item = inOrder(items[i], seen, depth + 1);
    if (!copy && item !== items[i]) copy = [...items];
    if (copy) copy[i] = item;
  }
  return copy ?? items;
}

/** Most names are told apart by their first character, which spares the pattern. */
function isOdd(name: string): boolean {
  return name.charCodeAt(0) < 0x60 && oddName.test(name);
}

function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i += 1) {
    if ((names[i - 1] ?? '') > (names[i] ?? '')) return false;
  }
  return true;
}

function wellFormed(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('a lone surrogate');
  return text;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
