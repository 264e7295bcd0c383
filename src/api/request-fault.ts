/**
 * What is wrong with a request before anybody looks at its meaning: no such call, a method that the call
 * does not have, ids, media types. Pure, and before the body is read.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import { acceptsJson } from './accept.ts';
import { malformed } from './malformed.ts';
import { idFault } from './request-ids.ts';
import type { Route } from './route.ts';

const otherCharset = /;\s*charset\s*=\s*"?(?!utf-8["\s;]|utf-8$)/i;

/** Undefined where nothing is wrong. `route` is the one that the request matched. */
export function requestFault(
  { headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  route: Route,
  search: string,
): GatewayError | undefined {
  const twice = fieldThatStandsTwice(headers, rawHeaders);
  if (twice !== undefined) return malformed(`The header field ${twice} must not stand twice.`);
  const ids = idFault(headers);
  if (ids !== undefined) return malformed(ids);
  if (!acceptsJson(headers.accept)) return new GatewayError('NOT_ACCEPTABLE');
  if (search !== '' && route.query === undefined) return malformed('This call has no query.');
  if (route.body === undefined) return undefined;
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'identity') {
    return new GatewayError('MEDIA_TYPE_UNSUPPORTED');
  }
  if (otherCharset.test(headers['content-type'] ?? '')) {
    return new GatewayError('MEDIA_TYPE_UNSUPPORTED');
  }
  return undefined;
}

/** Fields of the calls that mean one thing only; Node would silently keep one of several, or join them. */
const singleFields = [
  'authorization',
  'idempotency-key',
  'if-match',
  'purpose-of-use',
  'x-request-id',
  'x-correlation-id',
];

function fieldThatStandsTwice(
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
): string | undefined {
  // as a rule each has a name of its own, and nothing need be looked through
  if (Object.keys(headers).length * 2 === rawHeaders.length) return undefined;
  const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  return singleFields.find((field) => names.indexOf(field) !== names.lastIndexOf(field));
}

/** For requests that no route matched: which methods their path has, if it is one at all. */
export function allowedMethods(routes: readonly Route[]): (path: string) => readonly string[] {
  const patterns = routes.map(({ method, path }) => ({
    method,
    // the paths of the table are letters, slashes, dots and braces
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  return (path) => patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}
