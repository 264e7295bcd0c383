/**
 * Step 9 of the decision: where the deployment says `basic-normal` (IHE PCF Policy-basic-normal), direct
 * care by somebody with a relationship rests on implied consent, as long as the person has said nothing.
 * docs/consent-model.md section 2.
 */
import type { Decision } from './decision.ts';
import { keepMinimum } from './minimum-necessary.ts';
import type { Question } from './question.ts';
import { permit, type SectionFinding } from './verdicts.ts';
import { individualCare } from './vocabulary.ts';

/** Undefined when implied consent has no say. */
export function decideImplied({
  input,
  asked,
  purposeClass,
  lacksRelationship,
}: Question): Decision | undefined {
  if (
    input.policy.implicit !== 'basic-normal' ||
    purposeClass !== individualCare ||
    lacksRelationship
  ) {
    return undefined;
  }
  // Any consent on file, even one long ended, shows that the person was asked: nothing is implied then.
  const hasSpoken = input.consents.some(({ status }) => status !== 'entered-in-error');
  if (hasSpoken || input.record.explicitOnly) return undefined;

  const findings = asked.map(
    ({ name, label }): SectionFinding => ({
      name,
      withheld: label === 'N' ? undefined : 'SENSITIVITY_LABEL',
    }),
  );
  return permit(input.person, keepMinimum(findings, input.policy.roleSections), {
    basis: 'implied-consent-direct-care',
    code: 'IMPLIED_CONSENT',
  });
}
