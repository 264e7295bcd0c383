/**
 * The one decider: may these sections of this record leave, to this organisation, for this purpose, now?
 * Pure: facts in, decision out, no clock, no I/O. The numbers are the steps of docs/consent-model.md
 * section 2; the first that decides wins, and what no step permits is refused.
 */
import { tryBreakGlass } from './break-glass.ts';
import { tryCompulsion } from './compulsion.ts';
import type { Decision, DecisionInput } from './decision.ts';
import { findDenialReason } from './denial-reason.ts';
import { type ExplicitConsent, readExplicitConsent } from './explicit-consent.ts';
import { findIdentityFault } from './identity-fault.ts';
import { decideImplied } from './implied-consent.ts';
import { keepMinimum } from './minimum-necessary.ts';
import { createQuestion, type Question } from './question.ts';
import { trySafeguarding } from './safeguarding.ts';
import { deny, permit, refer } from './verdicts.ts';
import { isPurposeFitting } from './vocabulary.ts';

/**
 * Total over well-formed input and never changes it. Same input, same decision. Must be called at the
 * moment the data would leave, with facts read under the ledger's lock.
 */
export function decideDisclosure(input: DecisionInput): Decision {
  const { requester, person, policy } = input;
  const question = createQuestion(input);

  // 1 agreement, 2 identity
  if (!policy.agreement) return deny('NO_SHARING_AGREEMENT');
  const identityFault = findIdentityFault(person.identity);
  if (identityFault) return deny(identityFault.code, identityFault.httpStatus);

  // 3 compulsion
  const compulsion = tryCompulsion(question);
  if (compulsion.decision) return compulsion.decision;

  // 4 auditors and the deceased
  if (input.purpose === 'HCOMPL' || requester.orgType === 'auditor')
    return deny('AUDIT_TRAIL_ONLY');
  if (person.deceased) return refer('PERSON_DECEASED');

  // 5 safeguarding, 6 purpose fits organisation
  const safeguarding = trySafeguarding(question);
  if (safeguarding.decision) return safeguarding.decision;
  if (!isPurposeFitting(requester.orgType, question.purposeClass))
    return deny('PURPOSE_NOT_PERMITTED');

  // 7 and 8 explicit consent, 9 implicit policy
  const explicit = readExplicitConsent(question);
  const permitted = permitExplicit(question, explicit) ?? decideImplied(question);
  if (permitted) return permitted;

  // 10 break-glass
  const breakGlass = tryBreakGlass(question, explicit.reaching);
  if (breakGlass.decision) return breakGlass.decision;

  // 11 default deny; an override that was tried and failed is the first thing to mend
  const overrideFault = compulsion.fault ?? safeguarding.fault ?? breakGlass.fault;
  return deny(overrideFault ?? findDenialReason(question, explicit));
}

// Step 8: without a relationship consent is not used for care, and a role keeps what its row names.
function permitExplicit(
  { input, lacksRelationship }: Question,
  { findings }: ExplicitConsent,
): Decision | undefined {
  if (lacksRelationship) return undefined;
  const kept = keepMinimum(findings, input.policy.roleSections);
  const first = kept.find(({ withheld }) => withheld === undefined);
  if (first === undefined) return undefined;
  return permit(input.person, kept, {
    basis: 'explicit-consent',
    code: 'EXPLICIT_CONSENT',
    consentUsed: first.consentId,
  });
}
