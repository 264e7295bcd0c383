/**
 * Step 2 of the decision: is this the person? NHS number modulus-11 check, birth date, and the NHS
 * number status indicator (NHS Data Dictionary). docs/consent-model.md section 2.
 */
import type { IdentityFacts, ReasonCode } from './decision.ts';

export interface IdentityFault {
  code: ReasonCode;
  httpStatus: 400 | 404;
}

/**
 * A fact that is missing though identity was checked counts as unverified. No match and unverified are
 * both 404: which one it was is for the ledger, not for the partner.
 */
export function findIdentityFault(identity: IdentityFacts | undefined): IdentityFault | undefined {
  if (identity === undefined) return undefined;
  if (identity.checkDigit === false) return { code: 'IDENTITY_INVALID', httpStatus: 400 };
  if (identity.dobMatch === false) return { code: 'IDENTITY_MISMATCH', httpStatus: 404 };
  const verified = identity.checkDigit && identity.dobMatch && identity.status === '01';
  return verified ? undefined : { code: 'IDENTITY_UNVERIFIED', httpStatus: 404 };
}
