/**
 * The digest of a value of the gateway's own, in the form of RFC 9530: `sha-256=:d435Qo+nKZ+…TGPk=:`. Taken over
 * canonical JSON (RFC 8785), so that a value which a database has stored as JSON meanwhile has the same.
 */
import { canonicalJson } from './canonical-json.ts';
import { formatContentDigest } from './content-digest.ts';

/** Throws TypeError for what JSON cannot say. */
export function documentDigest(value: unknown): string {
  return formatContentDigest(canonicalJson(value));
}
