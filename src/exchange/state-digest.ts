/**
 * What an entry of the ledger says of the rows it wrote: one digest (`sha-256=:…:`) over every column. Throws
 * TypeError for what JSON cannot say, which only PostgreSQL can hold. The person's internal id is among them and
 * never leaves the gateway, so that whoever reads the trail cannot find a short fact, such as a capacity, by trying
 * every value.
 */
import type { ClientLink } from '../clients/link-store.ts';
import type { FactEntry } from '../clients/person-facts.ts';
import type { Identifier } from '../clients/person-store.ts';
import type { StoredConsent } from '../consent/consent-store.ts';
import type { StoredOverride } from '../consent/override-store.ts';
import type { Message } from '../deliveries/message-store.ts';
import { documentDigest } from '../encoding/document-digest.ts';
import type { RecordVersion } from '../records/record-store.ts';

export interface RecordedFact extends FactEntry {
  personId: string;
  by: string;
  at: Date;
}

export interface RecordRow extends Omit<RecordVersion, 'sections'> {
  /** SHA-256 of the stored text in UTF-8, base64: PostgreSQL makes the same, and the text stays there. */
  sectionsDigest: string;
  publishedAt: Date;
}

export function consentDigest(consent: StoredConsent): string {
  const { id, version, personId, document, recordedBy, recordedAt } = consent;
  const at = recordedAt.getTime();
  return documentDigest({ id, version, personId, document, recordedBy, at });
}

export function overrideDigest(override: StoredOverride, recordedAt: Date): string {
  const { id, personId, organisation, recordType, document, expiresAt, recordedBy } = override;
  const at = recordedAt.getTime();
  const scope = { organisation, recordType, expiresAt };
  return documentDigest({ id, personId, ...scope, document, recordedBy, at });
}

/** Requires the facts in the order in which they were recorded. */
export function factsDigest(facts: readonly RecordedFact[]): string {
  return documentDigest(
    facts.map(({ personId, name, value, from, by, at }) => {
      return { personId, name, value, from, by, at: at.getTime() };
    }),
  );
}

export function recordDigest(row: RecordRow): string {
  const { personId, recordType, custodian, version, schema, asAt, digest } = row;
  const { sectionsDigest, outline, retractionReason, publishedAt } = row;
  return documentDigest({
    ...{ personId, recordType, custodian, version },
    ...{ schema, asAt, digest, sectionsDigest, outline, retractionReason },
    at: publishedAt.getTime(),
  });
}

export interface MessageRow extends Omit<Message, 'sections'> {
  /** As of a record's. */
  sectionsDigest: string;
  sentAt: Date;
}

export function messageDigest(row: MessageRow): string {
  const { id, personId, messageType, sender, recipient, purpose, schema, asAt, digest } = row;
  const { sectionsDigest, outline, sentAt } = row;
  return documentDigest({
    ...{ id, personId, messageType, sender, recipient, purpose },
    ...{ schema, asAt, digest, sectionsDigest, outline, at: sentAt.getTime() },
  });
}

/** A node remembers links over many pulls, each of which says whose id it was asked by. */
const linkDigests = new WeakMap<object, string>();

/** Of an organisation's id for a person. It never changes, so that every entry about the two says the same. */
export function linkDigest(link: Pick<ClientLink, 'client' | 'organisation' | 'personId'>): string {
  const known = linkDigests.get(link);
  if (known !== undefined) return known;
  const { client, organisation, personId } = link;
  const digest = documentDigest({ client, organisation, personId });
  linkDigests.set(link, digest);
  return digest;
}

/** Whom a number, a name and a birth date lead to. */
export interface IdentityRow {
  personId: string;
  birthDate: string;
  registeredBy: string;
  registeredAt: Date;
  /** In an order that the rows alone determine. */
  names: readonly { key: string; isCurrent: boolean }[];
  identifiers: readonly Identifier[];
}

export function identityDigest(row: IdentityRow): string {
  const { personId, birthDate, registeredBy, registeredAt, names, identifiers } = row;
  const at = registeredAt.getTime();
  // an instant that only PostgreSQL can hold is nothing that the gateway wrote
  const registered = { registeredBy, at: Number.isNaN(at) ? null : at };
  return documentDigest({ personId, birthDate, ...registered, names, identifiers });
}

/** Where deliveries go, and who may vouch for it. `anchors`: PEM, one certificate each. */
export function endpointDigest(url: unknown, anchors: unknown): string {
  return documentDigest({ url, anchors });
}
