/**
 * The two ids that accompany a request. X-Request-ID names one request and stands in the ledger, so it is
 * a UUID; X-Correlation-ID is the partner's own and only mirrored.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const correlation = /^[\x21-\x7e]{1,128}$/;

export function isUuid(text: string): boolean {
  return uuid.test(text);
}

/** The partner's, or a new one where it sent none that can be used. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const sent = headers['x-request-id'];
  return typeof sent === 'string' && isUuid(sent) ? sent : randomUUID();
}

/** Undefined where there is none that can be mirrored. */
export function correlationIdOf(headers: IncomingHttpHeaders): string | undefined {
  const sent = headers['x-correlation-id'];
  return typeof sent === 'string' && correlation.test(sent) ? sent : undefined;
}

/** What is wrong with the ids that were sent; undefined where nothing is. */
export function idFault(headers: IncomingHttpHeaders): string | undefined {
  const request = headers['x-request-id'];
  if (request !== undefined && !(typeof request === 'string' && isUuid(request))) {
    return 'X-Request-ID must be a UUID.';
  }
  if (headers['x-correlation-id'] !== undefined && correlationIdOf(headers) === undefined) {
    return 'X-Correlation-ID must be 1 to 128 visible ASCII characters.';
  }
  return undefined;
}
