/** Retry-After (RFC 9110 section 10.2.3), in seconds from now: `120`, or `Fri, 27 Nov 2026 08:00:00 GMT`. Pure. */

const imfFixdate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Undefined where there is none that can be read. Peer-controlled: the caller bounds it. */
export function parseRetryAfter(field: unknown, now: Date): number | undefined {
  if (typeof field !== 'string') return undefined;
  if (/^\d+$/.test(field)) return Number(field);
  const at = imfFixdate.test(field) ? Date.parse(field) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now.getTime()) / 1000));
}
