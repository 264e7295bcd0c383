/**
 * A request that was refused to an admitted peer: which refusals the ledger does not have yet, and what of them
 * it is told. Of the address only the route's pattern: whatever else stands in it is the partner's text.
 */
import type { ErrorCode } from '../errors/error-code.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { AdmittedPeer } from './door-connections.ts';

export interface RequestRefusal<Code = ErrorCode> {
  peer: AdmittedPeer;
  code: Code;
  /** Method and path as the API description has them; undefined where no route was matched. */
  route: string | undefined;
  /** What was wrong with it, where it came to no route: a text of the gateway's own. */
  check?: string;
  /** UUID. */
  requestId: string;
}

/** Nobody was refused anything: the gateway could not do its part. */
const ownTroubles: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL_ERROR',
  'LEDGER_UNAVAILABLE',
  'TOO_BUSY',
]);

/** The refusal where an error is one, and no entry covers it. */
export function unrecordedRefusal(error: unknown): GatewayError | undefined {
  if (!(error instanceof GatewayError) || ownTroubles.has(error.code)) return undefined;
  return error.ledgerIndex === undefined ? error : undefined;
}
