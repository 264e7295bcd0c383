/** Searches that the database may give up, and what whoever asked is told then. */
import { postgresFailure } from '../database/postgres-errors.ts';
import { GatewayError } from '../errors/gateway-error.ts';

const narrowIt =
  'The search took too long. Narrow it: one client, one organisation, a short period.';

/**
 * Throws TOO_BUSY where the database gave a search up, with what to do, and LEDGER_UNAVAILABLE where it cannot be
 * reached.
 */
export async function withinLimits<T>(search: Promise<T>, detail = narrowIt): Promise<T> {
  try {
    return await search;
  } catch (cause) {
    const { kind } = postgresFailure(cause);
    if (kind === 'lock-timeout') {
      throw new GatewayError('TOO_BUSY', { detail, retryAfterSeconds: 5, cause });
    }
    if (kind === 'unavailable') {
      throw new GatewayError('LEDGER_UNAVAILABLE', { retryAfterSeconds: 2, cause });
    }
    throw cause;
  }
}
