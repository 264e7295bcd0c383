/**
 * Whom a number, a name and a birth date lead to, held against registrations: exchanged, they let one person be traced
 * as another. The newest registration of a person says what is held of them; those before it were superseded.
 */
import type { Queryable } from '../database/queryable.ts';
import type { VerifiedEntry } from '../ledger/verification/entries-that-wrote.ts';
import type { Findings } from '../ledger/verification/findings.ts';
import { uuid } from './state-claim.ts';
import { identityDigest } from './state-digest.ts';
import { countStrayPersons, findIdentityRows, isRegisteredAgain } from './state-store.ts';

type Log = Readonly<{ log: number; findings: Findings }>;

/** Of some entries of one log. Those that register nobody are passed over. */
export async function compareIdentities(
  tx: Queryable,
  entries: readonly VerifiedEntry[],
  { log, findings }: Log,
): Promise<void> {
  const registrations = entries.flatMap(({ index, event }) => {
    if (event.action !== 'client.registered') return [];
    const personId = uuid(event.person);
    const digest: unknown = event.particulars?.['identity'];
    if (personId !== undefined && typeof digest === 'string') return [{ index, personId, digest }];
    findings.add(log, 'it does not say which identity it left', index);
    return [];
  });
  if (registrations.length === 0) return;
  const rows = Map.groupBy(
    await findIdentityRows(
      tx,
      registrations.map(({ personId }) => personId),
    ),
    ({ personId }) => personId,
  );
  for (const { index, personId, digest } of registrations) {
    const held = rows.get(personId) ?? [];
    if (held.length === 0) findings.add(log, 'the identity that it left is missing', index);
    if (held.every((row) => identityDigest(row) === digest)) continue;
    if (!(await isRegisteredAgain(tx, { personId, log, index })))
      findings.add(log, 'the identity that it left is not what it was', index);
  }
}

/** Requires search rows that verify. `log`: the newest. */
export async function comparePersons(tx: Queryable, { log, findings }: Log): Promise<void> {
  const stray = await countStrayPersons(tx);
  if (stray > 0) findings.add(log, `people whom no entry registered (${stray})`);
}
