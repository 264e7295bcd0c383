/**
 * What a decision rested on, in the words of its entry: the state of the person as it was read, by whose id, and since
 * which trace. `jetway ledger verify` holds it against the entries that left it.
 */
import type { ClientLink } from '../clients/link-store.ts';
import { ownMember } from '../encoding/own-member.ts';
import type { JsonObject } from '../ledger/ledger-event.ts';
import type { Dossier } from './dossier.ts';
import { dossierDigest, rowsOf } from './dossier-digest.ts';
import { linkDigest } from './state-digest.ts';

export interface RestsOn extends JsonObject {
  /** Over everything that was read of the person. */
  dossier: string;
  /** Of the id by which they were asked for. */
  link: string;
  relationship: string | null;
  /** How many rows that was. */
  rows: number;
  /** The number of the state that it was. */
  state: number;
  /** RFC 3339; null where the organisation never traced them. */
  traced: string | null;
}

/** Members in the order of RFC 8785, which spares sorting. */
export function restsOn({ dossier, link }: { dossier: Dossier; link: ClientLink }): RestsOn {
  return {
    dossier: dossierDigest(dossier),
    link: linkDigest(link),
    relationship: link.relationship,
    rows: rowsOf(dossier),
    state: dossier.stateVersion,
    traced: link.tracedAt === null ? null : new Date(link.tracedAt).toISOString(),
  };
}

/** Checked rather than believed. Undefined where nothing was decided, `unclear` where it is not said on what. */
export function readRestsOn(decision: JsonObject | null): RestsOn | 'unclear' | undefined {
  if (decision === null) return undefined;
  const said = ownMember(decision, 'restsOn');
  const of = (name: string) => ownMember(said, name);
  const [dossier, link, rows, state] = [of('dossier'), of('link'), of('rows'), of('state')];
  const [relationship, traced] = [of('relationship'), of('traced')];
  const isClear =
    typeof dossier === 'string' &&
    typeof link === 'string' &&
    typeof rows === 'number' &&
    typeof state === 'number';
  if (!isClear || !isTextOrNull(relationship) || !isTextOrNull(traced)) return 'unclear';
  return { dossier, link, relationship, rows, state, traced };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
