/**
 * What trying an override gives: a decision, or a fault to remember, which becomes the reason should
 * nothing else permit. docs/consent-model.md section 2, steps 3, 5, 10 and 11.
 */
import { asRead } from '../encoding/as-read.ts';
import type { Decision, ReasonCode } from './decision.ts';

export interface OverrideAttempt {
  decision?: Decision | undefined;
  /** The first fault met. */
  fault?: ReasonCode | undefined;
}

/** Blank is not given: an override must be attributable to somebody and to something. */
export function isGiven(text: string | undefined): text is string {
  return text !== undefined && asRead(text) !== '';
}

/** An override that names no section opens none, so it is not complete. */
export function areNamed(sections: readonly string[] | undefined): sections is readonly string[] {
  return sections !== undefined && sections.length > 0;
}
