/**
 * Two people stand behind a safeguarding override: whoever authorises it is not whoever asks. An authoriser is a text
 * that a partner writes, so it is compared as people would read it, with everything that the requester is called.
 * docs/consent-model.md section 2, step 5.
 */

import { asRead } from '../encoding/as-read.ts';

export interface Asking {
  /** Subject and name of the user assertion, if there is one. */
  user?: string | undefined;
  userName?: string | undefined;
}

export function isWhoAsks(authoriser: string, { user, userName }: Asking): boolean {
  const named = asRead(authoriser);
  return [user, userName].some((text) => text !== undefined && asRead(text) === named);
}
