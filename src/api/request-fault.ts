/**
 * What is wrong with a request before anybody looks at its meaning: no such call, a method that the call
 * does not have, ids, media types. Pure, and before the body is read.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import { acceptsJson } from './accept.ts';
import { malformed } from './malformed.ts';
import { idFault } from './request-ids.ts';
import type { Route } from './route.ts';

const otherCharset = /;\s*charset\s*=\s*"?(?!utf-8["\s;]|utf-8$)/i;

/** Undefined where nothing is wrong. `route` is the one that the request matched. */
export function requestFault(
  headers: IncomingHttpHeaders,
  route: Route,
  search: string,
): GatewayError | undefined {
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

/** For requests that no route matched: which methods their path has, if it is one at all. */
export function allowedMethods(routes: readonly Route[]): (path: string) => readonly string[] {
  const patterns = routes.map(({ method, path }) => ({
    method,
    // the paths of the table are letters, slashes, dots and braces
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  }));
  return (path) => patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}
