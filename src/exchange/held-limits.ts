/**
 * How much may be on file for one person. All of it is read under the ledger's lock for each decision, so a
 * partner that wrote without end would make everybody wait.
 */
import { GatewayError } from '../errors/gateway-error.ts';

export const maxConsents = 200;
export const maxOverrides = 100;
export const maxFacts = 1_000;

export function tooMany(what: string): GatewayError {
  return new GatewayError('LIMIT_REACHED', {
    detail: `There are as many ${what} on file for this person as the gateway holds. Ask its operator.`,
  });
}
