/**
 * Step 3 of the decision: a court order or a statutory duty compels the disclosure of the sections that
 * it names, over dissent and after death. docs/consent-model.md section 2.
 */
import type { CompulsionOverride, Decision, Obligation, Override } from './decision.ts';
import { areNamed, isGiven, type OverrideAttempt } from './override-attempt.ts';
import type { Question } from './question.ts';
import { permit } from './verdicts.ts';

export function tryCompulsion(question: Question): OverrideAttempt {
  const attempt: OverrideAttempt = {};
  for (const override of question.input.overrides) {
    if (!isCompulsion(override)) continue;
    if (isGiven(override.ref) && areNamed(override.sections)) {
      attempt.decision = comply(question, override, override.sections);
      return attempt;
    }
    attempt.fault ??= 'OVERRIDE_INCOMPLETE';
  }
  return attempt;
}

function isCompulsion(override: Override): override is CompulsionOverride {
  return override.type === 'court-order' || override.type === 'statutory-duty';
}

function comply(
  { input, asked }: Question,
  { type, tipOffRisk }: CompulsionOverride,
  sections: readonly string[],
): Decision {
  const findings = asked.map(({ name }) => ({
    name,
    withheld: sections.includes(name) ? undefined : ('OUTSIDE_LEGAL_SCOPE' as const),
  }));
  const obligations: Obligation[] = ['RECORD_LEGAL_REF'];
  // Silence about the risk is not its absence: telling a suspect may endanger the person.
  if (tipOffRisk === false && !input.person.deceased) obligations.push('NOTIFY_PERSON');
  return permit(input.person, findings, {
    basis: 'legal-obligation',
    code: type === 'court-order' ? 'COURT_ORDER' : 'STATUTORY_DUTY',
    obligations,
  });
}
