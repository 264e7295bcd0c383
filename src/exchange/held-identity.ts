/**
 * Whom a person's numbers, names and birth date are those of, in one digest: what an entry says it found or left, so
 * that ones that were exchanged for a while show.
 */
import type { Queryable } from '../database/queryable.ts';
import { findIdentityRows } from './identity-store.ts';
import { identityDigest } from './state-digest.ts';

/** `sha-256=:…:`. Requires a person that is held. */
export async function heldIdentity(queryable: Queryable, personId: string): Promise<string> {
  const [row] = await findIdentityRows(queryable, [personId]);
  if (!row) throw new Error('the person is not held');
  return identityDigest(row);
}
