/** The consents of the play's person, at the custodian. */

import type { PartnerClient } from '../partner/partner-client.ts';
import { listOf, textOf } from '../partner/reply-members.ts';
import { council } from './borough.ts';
import { required, type SandboxPartners } from './sandbox-partners.ts';
import { careConsent } from './scenario-consents.ts';
import type { SyntheticPerson } from './synthetic-people.ts';

/** Ids of the consents that have not been withdrawn. */
export async function standingConsents(custodian: PartnerClient, own: string): Promise<string[]> {
  const { body } = required(await custodian.get(`/v1/clients/${own}/consents`), [200], 'consents');
  return listOf(body, 'consents')
    .filter((consent) => textOf(consent, 'status') === 'active')
    .map((consent) => textOf(consent, 'id'));
}

/** A play may have left the person without a consent, to its end or cut short. Whether one had to be recorded. */
export async function ensureConsent(
  { partners, person, at }: { partners: SandboxPartners; person: SyntheticPerson; at: number },
  own: string,
): Promise<boolean> {
  const custodian = partners.get(council.odsCode);
  if ((await standingConsents(custodian, own)).length > 0) return false;
  const body = careConsent(person, at);
  required(await custodian.post(`/v1/clients/${own}/consents`, { body }), [201], 'a consent');
  return true;
}
