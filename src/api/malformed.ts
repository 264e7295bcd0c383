/** The refusal of header fields and queries, which have no schema to point into. Never says a value. */
import { GatewayError } from '../errors/gateway-error.ts';

export function malformed(detail: string): GatewayError {
  return new GatewayError('REQUEST_MALFORMED', { detail });
}
