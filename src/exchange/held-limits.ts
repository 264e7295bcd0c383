/**
 * How much may be on file for one person. All of it is read under the ledger's lock, for a decision or a
 * registration, so a partner that wrote without end would make everybody wait.
 */
import { GatewayError } from '../errors/gateway-error.ts';

export const maxConsents = 200;
export const maxOverrides = 100;
export const maxFacts = 1_000;
/** Family names, previous ones among them: several marriages, each in the spellings of many organisations. */
export const maxNames = 50;
/** Every organisation has local ids of its own for a person, beside the national numbers. */
export const maxIdentifiers = 50;

export function tooMany(what: string): GatewayError {
  return new GatewayError('LIMIT_REACHED', {
    detail: `With this, more ${what} would be on file for this person than the gateway holds. Ask its operator.`,
  });
}
