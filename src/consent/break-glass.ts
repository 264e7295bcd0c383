/**
 * Step 10 of the decision: in an emergency a clinician opens the emergency sections without consent and
 * without relationship, says why, and a privacy officer and the person hear of it. A refusal in general
 * terms does not stand against it; one that expressly includes emergencies does. docs/consent-model.md
 * section 2.
 */
import { isDeny } from './consent-rules.ts';
import type { BreakGlassOverride, ReasonCode } from './decision.ts';
import type { ReachingRule } from './explicit-consent.ts';
import { isGiven, type OverrideAttempt } from './override-attempt.ts';
import type { Question } from './question.ts';
import { boundToNamed } from './safeguarding.ts';
import { permit } from './verdicts.ts';
import { individualCare } from './vocabulary.ts';

export function tryBreakGlass(
  question: Question,
  reaching: readonly ReachingRule[],
): OverrideAttempt {
  const { input, asked } = question;
  const attempt: OverrideAttempt = {};
  for (const override of input.overrides) {
    if (override.type !== 'break-glass') continue;
    const fault = findFault(question, override, reaching);
    if (fault !== undefined) {
      attempt.fault ??= fault;
      continue;
    }
    attempt.decision = permit(
      input.person,
      asked.map((section) => ({
        name: section.name,
        withheld: boundToNamed(section, input.policy.emergencySections),
      })),
      {
        basis: 'vital-interests-break-glass',
        code: 'BREAK_GLASS',
        obligations: ['ALERT_PRIVACY_OFFICER', 'NOTIFY_PERSON', 'TIME_LIMIT_PT1H'],
      },
    );
    return attempt;
  }
  return attempt;
}

function findFault(
  { input, purposeClass }: Question,
  { justification }: BreakGlassOverride,
  reaching: readonly ReachingRule[],
): ReasonCode | undefined {
  if (input.record.explicitOnly) return 'BREAK_GLASS_NOT_APPLICABLE';
  if (!isGiven(justification)) return 'OVERRIDE_INCOMPLETE';
  if (
    !input.policy.breakGlassRoles.includes(input.requester.role) ||
    purposeClass !== individualCare
  ) {
    return 'BREAK_GLASS_ROLE';
  }
  const dissents = reaching.some(({ rule }) => isDeny(rule) && rule.includesEmergency === true);
  return dissents ? 'DISSENT_INCLUDES_EMERGENCY' : undefined;
}
