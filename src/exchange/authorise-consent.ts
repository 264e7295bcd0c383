/**
 * Consent is recorded, evidenced and read by whom an agreement names for the record types that it is about:
 * a party to the exchange of one record has no say over another.
 */
import { agreementsThatLet, isExchanged } from '../agreements/coverage.ts';
import type { Activity } from '../agreements/sharing-agreement.ts';
import type { ConsentRule } from '../consent/decision.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';
import { authorise } from './authorise.ts';
import type { RequestContext } from './caller.ts';
import type { WriteScope } from './perform-write.ts';

/** Who may record consents, or at least attest them. */
export const mayAttest = ['record-consent', 'attest-consent'] as const;

/**
 * A rule that names no record type reaches all that need not be named. A say is asked over those that somebody
 * exchanges, since nobody has one over the rest; where nobody exchanges any, over all, which refuses.
 */
function reachedTypes(
  { standing, moment }: WriteScope,
  schemas: SchemaRegistry,
  rules: readonly ConsentRule[],
): readonly string[] {
  const unnamed = schemas.recordTypes.filter((type) => schemas.find(type)?.explicitOnly === false);
  const exchanged = unnamed.filter((type) => isExchanged(standing.agreements, type, moment.at));
  const reached = exchanged.length > 0 ? exchanged : unnamed;
  return [...new Set(rules.flatMap(({ recordTypes }) => recordTypes ?? reached))];
}

/** Throws NO_SHARING_AGREEMENT unless the caller may do one of the activities for each record type reached. */
export function authoriseConsent(
  scope: WriteScope,
  context: RequestContext,
  schemas: SchemaRegistry,
  rules: readonly ConsentRule[],
  activities: readonly Activity[],
): void {
  for (const recordType of reachedTypes(scope, schemas, rules)) {
    authorise(scope, context, activities, recordType);
  }
}

/** Whether the caller may do one of them for any record type that the rules reach. */
export function concerns(
  scope: WriteScope,
  { caller }: RequestContext,
  schemas: SchemaRegistry,
  rules: readonly ConsentRule[],
): boolean {
  const { standing, moment } = scope;
  return reachedTypes(scope, schemas, rules).some((recordType) =>
    mayAttest.some((activity) => {
      const request = { organisation: caller.odsCode, activity, recordType };
      return agreementsThatLet(standing.agreements, request, moment.at).length > 0;
    }),
  );
}
