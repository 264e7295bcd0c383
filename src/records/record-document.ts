/**
 * A record as a publisher sends it, or a message as its sender does: read strictly, checked against the
 * schema version that it names, and split into sections whose texts stay byte for byte as they came.
 */
import type { IdentitySchemes } from '../clients/identity-schemes/identity-scheme-registry.ts';
import type { SectionLabel } from '../consent/decision.ts';
import { sectionLabels } from '../consent/vocabulary.ts';
import {
  decodeUtf8,
  type JsonLimits,
  memberTexts,
  parseStrictJson,
} from '../encoding/strict-json.ts';
import { type Fault, GatewayError } from '../errors/gateway-error.ts';
import { checkIncomeArithmetic } from './income-arithmetic.ts';
import { type PersonClaim, readPersonClaim } from './person-claim.ts';
import type { RecordEnvelope, RecordSchema, SectionDefinition } from './record-schema.ts';
import type { SchemaRegistry } from './schema-registry.ts';
import type { HbIncomeStatementV1 } from './types/hb-income-statement-v1.ts';

export interface RecordLimits extends JsonLimits {
  readonly maxBytes: number;
}

export interface RecordSection {
  readonly name: string;
  /** The strictest of the section's default and its entries' labels. */
  readonly label: SectionLabel;
  /** The value's JSON text, byte for byte. */
  readonly text: string;
}

export interface RecordDocument {
  /** For example `social-care-summary/v1`. */
  readonly schema: string;
  readonly version: number;
  /** Of a message alone: ODS code of its one addressee. */
  readonly to?: string;
  /** As the publisher wrote it. */
  readonly asAt: string;
  /** Those that the record holds, in record order. */
  readonly sections: readonly RecordSection[];
  /** Whom it says it is about; left out where its schema has no place for that. */
  readonly person?: PersonClaim;
}

export interface ReadingOptions {
  readonly limits: RecordLimits;
  /** The instant of receipt. */
  readonly at: Date;
  readonly identitySchemes: IdentitySchemes;
}

/** Publishers' clocks may run ahead of ours by this much. */
const futureToleranceMs = 5 * 60_000;

const ranks: readonly unknown[] = sectionLabels;

/**
 * Throws BODY_TOO_LARGE, JSON_MALFORMED, SCHEMA_UNKNOWN (no such version) or RECORD_INVALID with what
 * is wrong where.
 */
export function readRecordDocument(
  body: Uint8Array,
  recordType: string,
  registry: SchemaRegistry,
  options: ReadingOptions,
): RecordDocument {
  if (body.byteLength > options.limits.maxBytes) {
    throw new GatewayError('BODY_TOO_LARGE', {
      detail: `a record has at most ${options.limits.maxBytes} bytes`,
    });
  }
  const json = parseStrictJson(decodeUtf8(body), options.limits);
  const version = versionNamed(json.value, recordType);
  if (version === undefined) {
    throw new GatewayError('RECORD_INVALID', { errors: [unnamedSchema(recordType, registry)] });
  }
  const schema = registry.get(recordType, version);
  const record = schema.check.checked(json.value, 'RECORD_INVALID');
  const person =
    schema.person && readPersonClaim(record.sections, schema.person, options.identitySchemes);
  const faults = [
    ...(person?.faults ?? []),
    ...(isIncomeStatement(record) ? checkIncomeArithmetic(record) : []),
    ...futureFaults(record, options.at),
  ];
  if (faults.length > 0) throw new GatewayError('RECORD_INVALID', { errors: faults });

  const texts = new Map(memberTexts(json, ['sections']).map(({ name, text }) => [name, text]));
  return {
    schema: schema.name,
    version,
    ...(record.to !== undefined && { to: record.to }),
    asAt: record.asAt,
    sections: sectionsInOrder(schema, record, texts),
    ...(person && { person: person.claim }),
  };
}

/** The version that a record of this type names; nothing where it names another type, or none. */
function versionNamed(value: unknown, recordType: string): number | undefined {
  if (typeof value !== 'object' || value === null || !('schema' in value)) return undefined;
  const [, type, version] = /^(.{1,80})\/v([1-9]\d{0,3})$/u.exec(String(value.schema)) ?? [];
  return type === recordType ? Number(version) : undefined;
}

function unnamedSchema(recordType: string, registry: SchemaRegistry): Fault {
  return {
    pointer: '/schema',
    rule: 'schema',
    detail: `must name a version of this record type, such as ${registry.get(recordType).name}`,
  };
}

/** Requires a record that its schema accepts: there the name of the schema is the type. */
function isIncomeStatement(record: { readonly schema: string }): record is HbIncomeStatementV1 {
  return record.schema === 'hb-income-statement/v1';
}

function futureFaults(record: RecordEnvelope, at: Date): readonly Fault[] {
  if (Date.parse(record.asAt) <= at.getTime() + futureToleranceMs) return [];
  return [{ pointer: '/asAt', rule: 'future', detail: 'must not lie in the future' }];
}

function sectionsInOrder(
  schema: RecordSchema,
  record: RecordEnvelope,
  texts: ReadonlyMap<string, string>,
): RecordSection[] {
  return schema.sections.flatMap((section) => {
    const text = texts.get(section.name);
    if (text === undefined) return [];
    const label = strictestLabel(section, record.sections[section.name]);
    return [{ name: section.name, label, text }];
  });
}

function strictestLabel(section: SectionDefinition, value: unknown): SectionLabel {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
  const rank = Math.max(ranks.indexOf(section.label), ...entries.map(labelRank));
  return sectionLabels[rank] ?? 'V';
}

/** Requires a valid entry: its label, if it has one, is in the vocabulary. */
function labelRank(entry: unknown): number {
  if (typeof entry !== 'object' || entry === null || !('label' in entry)) return -1;
  return ranks.indexOf(entry.label);
}
