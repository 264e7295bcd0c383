/**
 * What a decision rested on, in one digest: everything that was read of a person, as it was read. The person's
 * internal id is in it, so that whoever reads the trail cannot find a short fact by trying every value.
 */
import { hash } from 'node:crypto';
import type { FactEntry } from '../clients/person-facts.ts';
import type { StoredConsent } from '../consent/consent-store.ts';
import type { StoredOverride } from '../consent/override-store.ts';
import { documentDigest } from '../encoding/document-digest.ts';
import type { RecordVersion } from '../records/record-store.ts';

export interface DossierContent {
  personId: string;
  /** ISO 8601 full date. */
  birthDate: string;
  facts: readonly FactEntry[];
  consents: readonly StoredConsent[];
  overrides: readonly StoredOverride[];
  records: readonly RecordVersion[];
}

export function dossierDigest(content: DossierContent): string {
  const { personId, birthDate, facts, consents, overrides, records } = content;
  return documentDigest({
    ...{ personId, birthDate, facts, overrides },
    consents: consents.map(({ recordedAt, ...consent }) => {
      return { ...consent, at: recordedAt.getTime() };
    }),
    // in an order that no collation of a database decides
    records: records
      .map(({ sections, ...record }) => ({ ...record, sections: hash('sha256', sections, 'hex') }))
      .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),
  });
}

function placeOf({ recordType, custodian }: Pick<RecordVersion, 'recordType' | 'custodian'>) {
  return `${recordType} ${custodian}`;
}
