/** What a sharing agreement in force has to name before a partner may write anything. */
import { agreementsThatLet } from '../agreements/coverage.ts';
import type { Activity, SharingAgreement } from '../agreements/sharing-agreement.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { RequestContext } from './caller.ts';
import type { WriteScope } from './perform-write.ts';

/** Throws NO_SHARING_AGREEMENT unless an agreement in force lets the caller do one of the activities. */
export function authorise(
  scope: WriteScope,
  { caller }: RequestContext,
  activities: readonly Activity[],
  recordType?: string,
): readonly SharingAgreement[] {
  const agreements = activities.flatMap((activity) =>
    agreementsThatLet(
      scope.standing.agreements,
      { organisation: caller.odsCode, activity, recordType },
      scope.moment.at,
    ),
  );
  if (agreements.length === 0) {
    throw new GatewayError('NO_SHARING_AGREEMENT', {
      detail: `No sharing agreement in force lets your organisation do this (${activities.join(' or ')}).`,
    });
  }
  return agreements;
}
