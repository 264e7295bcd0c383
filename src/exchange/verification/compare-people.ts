/**
 * What entries say of people (followed-people.ts), held against what is stored: whom a number, a name and a birth date
 * lead to, which exchanged would let one person be traced as another; the state that was left last; and what the last
 * decision on it rested on, read again.
 */
import { oneByOne } from '../../database/one-by-one.ts';
import type { Queryable } from '../../database/queryable.ts';
import type { Findings } from '../../ledger/verification/findings.ts';
import { loadDossiers } from '../dossier.ts';
import { dossierDigest } from '../dossier-digest.ts';
import { findIdentityRows, type StoredIdentity } from '../identity-store.ts';
import { identityDigest } from '../state-digest.ts';
import type { FollowedPeople, FollowedPerson } from './followed-people.ts';
import { inPieces } from './in-pieces.ts';
import { countPersons } from './state-store.ts';

const readAtOnce = 8;

/** Requires logs that verify, in the snapshot of `tx`. `log`: the newest. */
export async function comparePeople(
  tx: Queryable,
  { people }: FollowedPeople,
  { log, findings }: { log: number; findings: Findings },
): Promise<void> {
  let met = 0;
  for (const piece of inPieces(people)) {
    const ids = piece.map(([personId]) => personId);
    const stored = new Map((await findIdentityRows(tx, ids)).map((row) => [row.personId, row]));
    met += stored.size;
    for (const [personId, person] of piece) {
      compareIdentity(person, stored.get(personId), findings);
    }
    await compareRested(tx, piece, stored, findings);
  }
  const stray = (await countPersons(tx)) - met;
  if (stray > 0) findings.addFault(log, `people whom no entry registered (${stray})`);
}

function compareIdentity(
  { identity, state, leftBy }: FollowedPerson,
  stored: StoredIdentity | undefined,
  findings: Findings,
): void {
  const { log, index } = identity?.leftBy ?? leftBy;
  if (!identity) findings.addFault(log, 'no entry registered its person', index);
  else if (!stored) findings.addFault(log, 'the identity that it left is missing', index);
  else if (identityDigest(stored) !== identity.digest)
    findings.addFault(log, 'the identity that it left is not what it was', index);
  if (stored && stored.stateVersion !== state)
    findings.addFault(
      leftBy.log,
      'the state of its person has changed since, and no entry says so',
      leftBy.index,
    );
}

/** Of states that stand: what was superseded cannot be read again. Some people at a time, since whole records are. */
async function compareRested(
  tx: Queryable,
  piece: readonly (readonly [string, FollowedPerson])[],
  stored: ReadonlyMap<string, StoredIdentity>,
  findings: Findings,
): Promise<void> {
  const rested = piece.flatMap(([personId, { rested, state }]) =>
    rested && stored.get(personId)?.stateVersion === state ? [{ personId, state, ...rested }] : [],
  );
  for (let from = 0; from < rested.length; from += readAtOnce) {
    const some = rested.slice(from, from + readAtOnce);
    const versions = new Map(some.map(({ personId, state }) => [personId, state]));
    const dossiers = new Map(
      (await loadDossiers(oneByOne(tx), versions)).map((dossier) => [dossier.personId, dossier]),
    );
    for (const { personId, dossier, by } of some) {
      const held = dossiers.get(personId);
      if (held && dossierDigest(held) === dossier) continue;
      findings.addFault(by.log, 'what it rests on is not what is recorded of its person', by.index);
    }
  }
}
