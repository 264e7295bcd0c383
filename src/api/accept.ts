/**
 * Whether a client can read what the gateway writes: JSON, and problem documents (RFC 9110 section
 * 12.5.1). The most specific range that matches JSON decides, and q=0 excludes; who names problem documents
 * alone is served too. Peer-controlled and bounded by
 * the size of the header fields; a range that cannot be read matches nothing.
 */
const rangePattern = /^([!#$%&'*+.^`|~\w-]+)\/([!#$%&'*+.^`|~\w-]+)((?:\s*;.*)?)$/;
const qualityPattern = /;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)/i;

export function acceptsJson(accept: string | undefined): boolean {
  // what nearly every client sends
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return true;
  const qualities = new Map<string, number>();
  for (const text of accept.split(',')) {
    const [, type, subtype, parameters = ''] = rangePattern.exec(text.trim()) ?? [];
    if (type === undefined || subtype === undefined) continue;
    const range = `${type}/${subtype}`.toLowerCase();
    const quality = Number(qualityPattern.exec(parameters)?.[1] ?? 1);
    qualities.set(range, Math.max(quality, qualities.get(range) ?? 0));
  }
  const decisive = ['application/json', 'application/*', '*/*', 'application/problem+json'].find(
    (range) => qualities.has(range),
  );
  return decisive !== undefined && (qualities.get(decisive) ?? 0) > 0;
}
