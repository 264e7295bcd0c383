/**
 * Requests on which two HTTP readers could disagree are refused (RFC 9112; OWASP ASVS 4.2.1). Node's
 * parser lets several through: two Host fields (the first wins), HTTP/0.9 and HTTP/2.0 as versions.
 * Pure; peer-controlled input, so no answer repeats a value.
 */
export interface RawRequest {
  httpVersion: string;
  /** Name, value, name, value: as they came. */
  rawHeaders: readonly string[];
  method?: string | undefined;
  url?: string | undefined;
}

/**
 * Fields that say where a request ends, for whom it is and what is in it: two readers of two of them could differ. Node
 * keeps one silently, or joins them. Fields that mean something to a call alone are judged by request-fault.ts.
 */
const singleFields: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'content-type',
  'expect',
]);

const hostPattern = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
/** RFC 9112 section 3.2.1, origin form, of the characters of RFC 3986 and complete escapes only. */
const targetPattern = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;
const escapedNul = /%00/;

/** The single fields with their values; the name of one that stands twice instead. */
function readSingleFields(rawHeaders: readonly string[]): ReadonlyMap<string, string> | string {
  const fields = new Map<string, string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (!singleFields.has(name)) continue;
    if (fields.has(name)) return name;
    fields.set(name, rawHeaders[at + 1] ?? '');
  }
  return fields;
}

function targetFault(method: string, url: string): string | undefined {
  if (url === '*' && method === 'OPTIONS') return undefined;
  if (!url.startsWith('/')) return 'The request target must be a path, not a whole URL.';
  if (url.startsWith('//')) return 'The request target must not begin with two slashes.';
  if (!targetPattern.test(url) || escapedNul.test(url)) {
    return 'The request target has characters that must be percent-encoded, or a broken escape.';
  }
  return undefined;
}

function framingFault(fields: ReadonlyMap<string, string>, version: string) {
  const length = fields.get('content-length');
  const encoding = fields.get('transfer-encoding');
  if (length !== undefined && encoding !== undefined) {
    return 'Content-Length and Transfer-Encoding must not stand together.';
  }
  if (length !== undefined && !/^[0-9]+$/.test(length)) return 'Content-Length must be a number.';
  if (encoding === undefined) return undefined;
  if (version === '1.0') return 'HTTP/1.0 has no Transfer-Encoding.';
  if (encoding.toLowerCase() !== 'chunked') return 'Transfer-Encoding must be chunked.';
  return undefined;
}

/** What is wrong with the request, for its sender's engineer; undefined where nothing is. */
export function strictnessFault(request: RawRequest): string | undefined {
  const { httpVersion, rawHeaders, method = '', url = '' } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'Use HTTP/1.1.';
  const fields = readSingleFields(rawHeaders);
  if (typeof fields === 'string') return `The header field ${fields} must not stand twice.`;
  const host = fields.get('host');
  if (host === undefined && httpVersion === '1.1') return 'The header field host is needed.';
  if (host !== undefined && !hostPattern.test(host)) {
    return 'The header field host must be one host name, with or without a port.';
  }
  const expectation = fields.get('expect')?.toLowerCase();
  if (expectation !== undefined && expectation !== '100-continue') {
    return 'The only expectation that is met is 100-continue.';
  }
  return framingFault(fields, httpVersion) ?? targetFault(method, url);
}
