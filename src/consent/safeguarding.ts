/**
 * Step 5 of the decision: somebody other than the requester has authorised, with a rationale, that
 * named sections be shared to protect a person at risk (Care Act 2014 section 42).
 * docs/consent-model.md section 2.
 */
import { isWhoAsks } from './authoriser.ts';
import type {
  Decision,
  Obligation,
  ReasonCode,
  SafeguardingOverride,
  Section,
  SectionReason,
} from './decision.ts';
import { areNamed, isGiven, type OverrideAttempt } from './override-attempt.ts';
import type { Question } from './question.ts';
import { permit } from './verdicts.ts';

export function trySafeguarding(question: Question): OverrideAttempt {
  const attempt: OverrideAttempt = {};
  for (const override of question.input.overrides) {
    if (override.type !== 'safeguarding') continue;
    const fault = findFault(question, override);
    if (fault === undefined) {
      attempt.decision = share(question, override);
      return attempt;
    }
    attempt.fault ??= fault;
  }
  return attempt;
}

function findFault({ input }: Question, override: SafeguardingOverride): ReasonCode | undefined {
  const { authoriser, rationale, sections, abuseTypes } = override;
  const complete = isGiven(authoriser) && isGiven(rationale) && areNamed(sections);
  // Two people: nobody authorises their own access.
  if (!complete || isWhoAsks(authoriser, input.requester)) return 'OVERRIDE_INCOMPLETE';
  if (input.record.explicitOnly && !abuseTypes?.includes('financial'))
    return 'OVERRIDE_NOT_APPLICABLE';
  return undefined;
}

function share(
  { input, asked }: Question,
  { sections, tipOffRisk }: SafeguardingOverride,
): Decision {
  const obligations: Obligation[] = ['REFER_CALDICOTT_GUARDIAN'];
  if (tipOffRisk === false) obligations.push('NOTIFY_PERSON');
  return permit(
    input.person,
    asked.map((section) => ({ name: section.name, withheld: boundToNamed(section, sections) })),
    { basis: 'safeguarding-public-interest', code: 'SAFEGUARDING_OVERRIDE', obligations },
  );
}

/** Why an override that names sections, not compelled by law, leaves this one out, if it does. */
export function boundToNamed(
  { name, label }: Section,
  named: readonly string[] | undefined,
): SectionReason | undefined {
  if (label === 'V') return 'SENSITIVITY_LABEL';
  return named?.includes(name) ? undefined : 'MINIMUM_NECESSARY';
}
