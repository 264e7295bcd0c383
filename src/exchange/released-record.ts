/**
 * The answer to a granted pull: sections byte for byte as they were published, but for what a redaction
 * cuts; what is withheld, said from the schema alone; an opaque entity tag over what the recipient sees.
 */

import { hash } from 'node:crypto';
import { formatContentDigest } from '../encoding/content-digest.ts';
import { keyedDigest } from '../encoding/opaque-token.ts';
import type { Participant } from '../participants/register.ts';
import type { OutlinedSection, RecordVersion } from '../records/record-store.ts';
import { type RedactedSection, redactSection } from '../records/redact-section.ts';
import type { Decided, PullSubject } from './considered-pull.ts';
import type { PullRequest } from './pull-request.ts';
import { recordEtag } from './record-etag.ts';

export interface ReleasedRecord {
  /** JSON text. */
  body: string;
  etag: string;
  /** Of the body, in the form of RFC 9530. */
  digest: string;
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
  const { odsCode } = subject.participant;
  const withheld = withheldSections(request, decided);
  const custodian = custodianOf(subject, record);
  const { basis, includedSections, redactions } = decision;
  const parts = [odsCode, custodian.name, purpose, basis, includedSections, redactions, withheld];
  return lastAnswer(record, JSON.stringify(parts), () => {
    const included = new Set(includedSections);
    const released = record.outline
      .filter(({ name }) => included.has(name))
      .map((section) => release(section, record, subject, redactions));
    const redacted = released.flatMap(({ name, redacted: { cut } }) =>
      cut.map(({ pointer, reason }) => ({ section: name, pointer, reason })),
    );
    const etag = keyedDigest(
      macKey,
      'pull',
      odsCode,
      record.custodian,
      record.recordType,
      record.schema,
      purpose,
      basis ?? '',
      JSON.stringify([released.map(({ name, digest }) => [name, digest]), withheld, redacted]),
    );
    const about = { purpose, basis, withheld, redacted };
    return withDigest(`"${etag}"`, bodyText(record, custodian, released, about));
  });
}

/** From the schema's sections, not from what the record holds, so that it tells nothing of the record. */
function withheldSections(request: PullRequest, { agreement, shown }: Decided) {
  const hidden = agreement.recordTypes.get(request.recordType)?.hiddenSections;
  return Object.entries(shown.excludedSections)
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
  const about = { purpose: null, basis: null, withheld: [], redacted: [] };
  return withDigest(
    recordEtag(macKey, record),
    bodyText(record, custodianOf(subject, record), released, about),
  );
}

function withDigest(etag: string, body: string): ReleasedRecord {
  return { etag, body, digest: formatContentDigest(body) };
}

/**
 * The last answer that was made of a version, and of what: every pull is decided for itself, but where it comes
 * to the same as the one before, the same bytes leave. One each, so that a node holds at most as much again.
 */
const lastAnswers = new WeakMap<RecordVersion, { madeOf: string; answer: ReleasedRecord }>();

function lastAnswer(
  record: RecordVersion,
  madeOf: string,
  make: () => ReleasedRecord,
): ReleasedRecord {
  const last = lastAnswers.get(record);
  if (last?.madeOf === madeOf) return last.answer;
  const answer = make();
  lastAnswers.set(record, { madeOf, answer });
  return answer;
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
