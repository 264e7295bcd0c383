/**
 * The second half of step 8: of what is permitted a role keeps only the sections in its row of the
 * agreement's matrix (Caldicott principles 3 and 4). docs/consent-model.md section 2.
 */
import type { SectionFinding } from './verdicts.ts';

/** `roleSections` undefined: the role has no row, so nothing falls away. */
export function keepMinimum<F extends SectionFinding>(
  findings: readonly F[],
  roleSections: readonly string[] | undefined,
): readonly F[] {
  if (roleSections === undefined) return findings;
  return findings.map((finding) =>
    finding.withheld === undefined && !roleSections.includes(finding.name)
      ? { ...finding, withheld: 'MINIMUM_NECESSARY' }
      : finding,
  );
}
