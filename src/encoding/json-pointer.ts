/**
 * JSON Pointer (RFC 6901): how faults and redactions name a place in a document. `/a~1b/0` names
 * element 0 of member `a/b`; the empty pointer names the whole document.
 */

const wellFormed = /^(?:\/(?:[^~/]|~[01])*)*$/u;

/** The pointer of a path. Array indices are given as numbers. */
export function formatPointer(path: readonly (string | number)[]): string {
  return path.map((segment) => `/${escapeSegment(String(segment))}`).join('');
}

/** A name as members have them. One with a number in it, or with spaces, may be what should have been the value. */
const plainName = /^(?!.*\d{4})[\p{L}_$][\p{L}\p{M}\d_.$/~-]{0,63}$/u;
const notShown = '…';

/**
 * The same for a fault that its sender is told, and that others may read in its log: member names are the sender's, and
 * show only where they look like names.
 */
export function formatShownPointer(path: readonly (string | number)[]): string {
  return formatPointer(path.map((segment) => (isShown(segment) ? segment : notShown)));
}

function isShown(segment: string | number): boolean {
  return typeof segment === 'number' || /^\d{1,3}$/.test(segment) || plainName.test(segment);
}

/** The path of a pointer, segments unescaped. Throws a RangeError on what is no pointer. */
export function parsePointer(pointer: string): string[] {
  if (!wellFormed.test(pointer)) throw new RangeError('not a JSON Pointer (RFC 6901 section 3)');
  return pointer.split('/').slice(1).map(unescapeSegment);
}

function escapeSegment(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** `~1` before `~0`, so that `~01` stays `~1` (RFC 6901 section 4). */
function unescapeSegment(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
