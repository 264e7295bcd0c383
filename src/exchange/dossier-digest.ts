/**
 * Everything that was read of a person in one digest (`sha-256=:…:`), and what is delivered in another: as a decision
 * reads it, where state-digest.ts has whole rows. The form is fixed (test/vectors): entries say it for good, so
 * another one would make every decision before it look as if it had rested on other rows. The person's internal id is
 * in it, so that whoever reads the trail cannot find a short fact by trying every value. Throws TypeError for what
 * JSON cannot say, which only PostgreSQL can hold.
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
  /** The newest version of each. */
  consents: readonly StoredConsent[];
  overrides: readonly StoredOverride[];
  /** The newest version of each. */
  records: readonly RecordVersion[];
}

/** A node decides on what it holds many times over. */
const digests = new WeakMap<DossierContent, string>();

export function dossierDigest(content: DossierContent): string {
  const known = digests.get(content);
  if (known !== undefined) return known;
  const { personId, birthDate } = content;
  const digest = documentDigest({
    ...{ personId, birthDate },
    facts: content.facts.map(({ name, value, from }) => ({ name, value, from })),
    consents: content.consents.map(consentForm),
    overrides: content.overrides.map(overrideForm),
    // in an order that no collation of a database decides
    records: content.records.map(recordForm).sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),
  });
  digests.set(content, digest);
  return digest;
}

/** Of what is delivered, a version of a record or a message in the same form: who sent it said the same. */
export function deliveredDigest(content: RecordVersion): string {
  return documentDigest({ personId: content.personId, ...recordForm(content) });
}

/** How many rows that is. */
export function rowsOf({ facts, consents, overrides, records }: DossierContent): number {
  return facts.length + consents.length + overrides.length + records.length;
}

function consentForm({ id, version, document, recordedBy, recordedAt }: StoredConsent) {
  return { id, version, document, recordedBy, recordedAt: recordedAt.getTime() };
}

function overrideForm(override: StoredOverride) {
  const { id, organisation, recordType, document, expiresAt, recordedBy } = override;
  return { id, organisation, recordType, document, expiresAt, recordedBy };
}

function recordForm(record: RecordVersion) {
  const { recordType, custodian, version, schema, asAt, digest, outline } = record;
  const { sections, retractionReason } = record;
  return {
    ...{ recordType, custodian, version, schema, asAt, digest, retractionReason },
    sections: hash('sha256', sections, 'base64'),
    outline: outline.map(({ name, label, start, end, digest: ofText }) => {
      return { name, label, start, end, digest: ofText };
    }),
  };
}

function placeOf({ recordType, custodian }: Pick<RecordVersion, 'recordType' | 'custodian'>) {
  return `${recordType} ${custodian}`;
}
