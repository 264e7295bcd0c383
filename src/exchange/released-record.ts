/**
 * The answer to a granted pull: sections byte for byte as they were published, but for what a redaction
 * cuts; what is withheld, said from the schema alone; an opaque entity tag over what the recipient sees.
 */
import { hash } from 'node:crypto';
import { keyedDigest } from '../encoding/opaque-token.ts';
import type { Participant } from '../participants/register.ts';
import type { OutlinedSection, RecordVersion } from '../records/record-store.ts';
import { type RedactedSection, redactSection } from '../records/redact-section.ts';
import type { Decided, PullSubject } from './considered-pull.ts';
import { decideOn, schemaShape } from './decision-input.ts';
import { recordEtag } from './publish-record.ts';
import type { PullRequest } from './pull-request.ts';

export interface ReleasedRecord {
  /** JSON text. */
  body: string;
  etag: string;
}

interface Release {
  name: string;
  /** Of what leaves, never of what was cut: a change of that must not show. */
  digest: string;
  redacted: RedactedSection;
}

export function releaseRecord(
  macKey: Buffer,
  request: PullRequest,
  subject: PullSubject,
  record: RecordVersion,
  decided: Decided,
): ReleasedRecord {
  const { purpose, decision } = decided;
  const included = new Set(decision.includedSections);
  const released = record.outline
    .filter(({ name }) => included.has(name))
    .map((section) => release(section, record, subject, decision.redactions));
  const withheld = withheldSections(request, subject, decided);
  const redacted = released.flatMap(({ name, redacted: { cut } }) =>
    cut.map(({ pointer, reason }) => ({ section: name, pointer, reason })),
  );
  const custodian = custodianOf(subject, record);
  const etag = keyedDigest(
    macKey,
    'pull',
    subject.participant.odsCode,
    record.custodian,
    record.recordType,
    record.schema,
    purpose,
    decision.basis ?? '',
    JSON.stringify([released.map(({ name, digest }) => [name, digest]), withheld, redacted]),
  );
  return {
    etag: `"${etag}"`,
    body: bodyText(record, custodian, released, {
      purpose,
      basis: decision.basis,
      withheld,
      redacted,
    }),
  };
}

/** From the schema's sections, not from what the record holds, so that it tells nothing of the record. */
function withheldSections(request: PullRequest, subject: PullSubject, decided: Decided) {
  const { agreement, purpose } = decided;
  const facts = { ...subject, request, agreement, purpose };
  const { excludedSections } = decideOn(facts, schemaShape(subject.schema));
  const hidden = agreement.recordTypes.get(request.recordType)?.hiddenSections;
  return Object.entries(excludedSections)
    .filter(([section]) => !hidden?.has(section))
    .map(([section, reason]) => ({ section, reason }));
}

/** Its publisher reads its own record back whole, with the entity tag that updates are conditional on. */
export function releaseOwnRecord(
  macKey: Buffer,
  request: PullRequest,
  subject: PullSubject,
  record: RecordVersion,
): ReleasedRecord {
  const released = record.outline
    .filter(({ name }) => request.sections?.includes(name) ?? true)
    .map((section) => release(section, record, subject, []));
  return {
    etag: recordEtag(macKey, record),
    body: bodyText(record, custodianOf(subject, record), released, {
      purpose: null,
      basis: null,
      withheld: [],
      redacted: [],
    }),
  };
}

function bodyText(
  record: RecordVersion,
  custodian: Pick<Participant, 'odsCode' | 'name'>,
  released: readonly Release[],
  about: { purpose: string | null; basis: string | null; withheld: unknown; redacted: unknown },
): string {
  const { recordType, schema, asAt } = record;
  const { purpose, basis, withheld, redacted } = about;
  const head = JSON.stringify({ recordType, schema, custodian, asAt, purpose, basis });
  const sections = released.map(
    ({ name, redacted: { text } }) => `${JSON.stringify(name)}:${text}`,
  );
  const tail = JSON.stringify({ withheld, redacted });
  return `${head.slice(0, -1)},"sections":{${sections.join(',')}},${tail.slice(1)}`;
}

function custodianOf({ standing }: PullSubject, { custodian }: RecordVersion) {
  return { odsCode: custodian, name: standing.register.participants.get(custodian)?.name ?? '' };
}

/** Cutting reads the text again, so each version's cut sections are kept as long as the version is. */
const cutSections = new WeakMap<RecordVersion, Map<string, Release>>();

function release(
  section: OutlinedSection,
  record: RecordVersion,
  { schema }: PullSubject,
  redactions: Decided['decision']['redactions'],
): Release {
  const { name, digest } = section;
  const text = record.sections.slice(section.start, section.end);
  const definition = schema.sections.find((one) => one.name === name);
  if (redactions.length === 0 || !definition) return { name, digest, redacted: { text, cut: [] } };
  const ofRecord = cutSections.get(record) ?? new Map<string, Release>();
  cutSections.set(record, ofRecord);
  const key = `${name} ${redactions.join(' ')}`;
  const known = ofRecord.get(key);
  if (known) return known;
  const redacted = redactSection(text, definition, redactions);
  const released = { name, digest: hash('sha256', redacted.text, 'base64'), redacted };
  ofRecord.set(key, released);
  return released;
}
