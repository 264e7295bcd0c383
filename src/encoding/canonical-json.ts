/**
 * Canonical JSON (RFC 8785): one text for one value, so that a commitment made today can be checked
 * against the value in ten years. For the gateway's own values; what partners send is relayed as it came.
 */
import canonicalize from 'canonicalize';

/**
 * Members by UTF-16 code units, ECMAScript numbers, no white space. Throws TypeError for what JSON cannot
 * say (undefined, NaN, functions, lone surrogates, cycles) and for objects that are not plain, such as
 * dates: the package drops or converts them, which would commit to something else than was meant.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalized(value);
  // Only after the package has found that there are no cycles.
  refuseWhatJsonCannotSay(value);
  return text;
}

function canonicalized(value: unknown): string {
  try {
    return canonicalize(value) ?? '';
  } catch (cause) {
    throw new TypeError('JSON has no way to say this value', { cause });
  }
}

function refuseWhatJsonCannotSay(value: unknown): void {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return;
  if (value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) refuseWhatJsonCannotSay(item);
  } else if (isPlainObject(value)) {
    for (const name in value) refuseWhatJsonCannotSay(value[name]);
  } else {
    throw new TypeError('JSON has no way to say this value');
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
