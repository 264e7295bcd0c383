/** What a partner is told of a refused decision. The ledger keeps the exact codes. */
import type { SharingAgreement } from '../agreements/sharing-agreement.ts';
import type { Decision, ReasonCode } from '../consent/decision.ts';
import type { RefusalCode } from '../errors/error-code.ts';
import { refusalCodes } from '../errors/error-code.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { notFound } from './own-client.ts';

/**
 * These would tell a partner more of the person's wishes or affairs than that no consent opens the record.
 */
const notShown: ReadonlySet<ReasonCode> = new Set([
  'CONSENT_DENY',
  'DISSENT_INCLUDES_EMERGENCY',
  'CAPACITY_LACKING_AT_GRANT',
  'REPRESENTATIVE_AUTHORITY_INVALID',
]);

/**
 * Requires a decision that is no permit. `shown` is the same decision on the schema's sections; where that is
 * a permit, nothing is there to be shown beside the decision itself.
 */
export function refusalOf(
  decision: Decision,
  shown: Decision,
  agreement: SharingAgreement,
): GatewayError {
  const { reasonCodes, httpStatus } = decision;
  if (httpStatus === 404) return notFound(...reasonCodes);
  if (agreement.document.briefRefusals && httpStatus === 403) {
    return new GatewayError('NOT_PERMITTED', { reasonCodes });
  }
  const [reason] = shown.httpStatus === 200 ? reasonCodes : shown.reasonCodes;
  return new GatewayError(shownCode(reason), { reasonCodes });
}

function shownCode(reason: ReasonCode): RefusalCode {
  if (notShown.has(reason)) return 'CONSENT_NOT_IN_FORCE';
  return refusalCodes.find((code) => code === reason) ?? 'NOT_PERMITTED';
}
