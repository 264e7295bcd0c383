/**
 * How a route is named: `/v1/clients/{client}` in the API description (OpenAPI 3.1, paths object), which
 * auditors read, and `/v1/clients/:client` to the router and in telemetry.
 */
import type { FastifyRequest } from 'fastify';

type Routed = Pick<FastifyRequest, 'is404' | 'routeOptions'>;

export function routerPattern(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Undefined where no route was matched, as in the following. */
export function routerPatternOf(request: Routed): string | undefined {
  return request.is404 ? undefined : request.routeOptions.url;
}

/** `GET /v1/clients/{client}/consents`: method and path. */
export function routeOf(request: Routed & Pick<FastifyRequest, 'method'>): string | undefined {
  const path = routerPatternOf(request)?.replaceAll(/:(\w+)/g, '{$1}');
  return path === undefined ? undefined : `${request.method} ${path}`;
}
