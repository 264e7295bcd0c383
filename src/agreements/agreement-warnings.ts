/**
 * What an agreement may say, and yet should not without thought: that the role `system`, which is whoever leaves the
 * user assertion out, reads what a named role does not. Then that role is no bound, since nobody has to say it. Pure.
 */
import { type AgreementDocument, toSharingAgreement } from './sharing-agreement.ts';

/** A sentence for each role and record type, in the document's order; none where assertions are required. */
export function agreementWarnings(document: AgreementDocument): readonly string[] {
  if (document.userAssertion === 'required') return [];
  const { roles } = toSharingAgreement(document, 0);
  const system = [...(roles.get('system') ?? [])];
  return [...roles].flatMap(([role, byType]) =>
    system.flatMap(([recordType, sections]) => {
      const gained = sections.filter((name) => !byType.get(recordType)?.includes(name));
      if (gained.length === 0) return [];
      return [
        `who asks as ${role} sees more of ${recordType} by leaving the user assertion out, because the role system ` +
          `reads ${gained.join(', ')} and ${role} does not; give system no more than ${role}, or set userAssertion ` +
          'to required',
      ];
    }),
  );
}
