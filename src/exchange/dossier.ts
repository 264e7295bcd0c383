/**
 * Everything that a decision about one person reads, as of one state version. A node keeps dossiers
 * in memory, bounded by size; each is used only while the version known under the head's lock is its own.
 */
import { LRUCache } from 'lru-cache';
import { findFacts } from '../clients/fact-store.ts';
import { findBirthDates } from '../clients/person-store.ts';
import { findConsentsOfPersons } from '../consent/consent-store.ts';
import { findOverridesOfPersons } from '../consent/override-store.ts';
import type { Queryable } from '../database/queryable.ts';
import { findCurrentRecords } from '../records/record-store.ts';
import type { DossierContent } from './dossier-digest.ts';

export interface Dossier extends DossierContent {
  stateVersion: number;
}

export interface DossierKey {
  personId: string;
  stateVersion: number;
}

export interface DossiersRead {
  byPerson: ReadonlyMap<string, Dossier>;
  /**
   * Remembers what was read. For after the commit: a version that was rolled back is given again, to another
   * state.
   */
  keep(): void;
}

/** Requires keys known under the head's lock (known-links.ts), and the same transaction. */
export type ReadDossiers = (
  tx: Queryable,
  timeline: string,
  keys: readonly DossierKey[],
) => Promise<DossiersRead>;

/** Characters that a node may hold, all dossiers together. */
const maxCharacters = 64_000_000;
const charactersBeside = 1_000;
/** A record's own text, and the last answer that was made of it (released-record.ts). */
const textsOfRecord = 2;

export function dossierReader(): ReadDossiers {
  const kept = new LRUCache<string, Dossier>({
    maxSize: maxCharacters,
    sizeCalculation: ({ records, consents, overrides, facts }) =>
      records.reduce(
        (sum, { sections }) => sum + textsOfRecord * sections.length,
        charactersBeside,
      ) + JSON.stringify([consents, overrides, facts]).length,
  });
  let keptOf = '';
  return async (tx, timeline, keys) => {
    if (timeline !== keptOf) kept.clear();
    keptOf = timeline;
    const byPerson = new Map<string, Dossier>();
    const missing = new Map<string, number>();
    for (const { personId, stateVersion } of keys) {
      const dossier = kept.get(personId);
      if (dossier?.stateVersion === stateVersion) byPerson.set(personId, dossier);
      else missing.set(personId, stateVersion);
    }
    if (missing.size === 0) return { byPerson, keep() {} };
    const loaded = await loadDossiers(tx, missing);
    for (const dossier of loaded) byPerson.set(dossier.personId, dossier);
    return {
      byPerson,
      keep() {
        for (const dossier of loaded.splice(0)) kept.set(dossier.personId, dossier);
      },
    };
  };
}

/** As of now, whatever a node remembers. By person; requires the versions that they have in `tx`. */
export async function loadDossiers(
  tx: Queryable,
  versions: ReadonlyMap<string, number>,
): Promise<Dossier[]> {
  const ids = [...versions.keys()];
  const [birthDates, facts, consents, overrides, records] = await Promise.all([
    findBirthDates(tx, ids),
    findFacts(tx, ids),
    findConsentsOfPersons(tx, ids),
    findOverridesOfPersons(tx, ids),
    findCurrentRecords(tx, ids),
  ]);
  return [...versions].map(([personId, stateVersion]) => ({
    personId,
    stateVersion,
    birthDate: birthDates.get(personId) ?? '',
    facts: facts.get(personId) ?? [],
    consents: consents.filter((consent) => consent.personId === personId),
    overrides: overrides.filter((override) => override.personId === personId),
    records: records.filter((record) => record.personId === personId),
  }));
}
