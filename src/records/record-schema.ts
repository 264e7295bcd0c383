/**
 * What the gateway reads from one record schema beside its rules: the sections in record order, each
 * with its default label, its cardinality, and the places that a redaction cuts, and where it says whom
 * it is about (docs/record-types.md, annotations).
 */
import type { Redaction, SectionLabel } from '../consent/decision.ts';
import { parsePointer } from '../encoding/json-pointer.ts';
import { compileSchema, type SchemaCheck } from '../validation/json-schema.ts';
import {
  type PersonAnnotation,
  type PersonPlaces,
  personAnnotation,
  readPersonPlaces,
} from './person-places.ts';

/** One place that a redaction cuts, in an object section or in each entry of an array section. */
export interface RedactionTarget {
  readonly redaction: Redaction;
  /** As the schema has it; `*` stands for every element of an array. */
  readonly pointer: string;
  readonly path: readonly string[];
  /** Cut only what has these members with these values, for example identifiers of one system. */
  readonly where: Readonly<Record<string, string>>;
}

export interface SectionDefinition {
  readonly name: string;
  readonly label: SectionLabel;
  /** One object, or an array of entries. */
  readonly cardinality: 'object' | 'array';
  readonly targets: readonly RedactionTarget[];
}

/** A published record, or a message as it was sent, as far as every schema agrees. */
export interface RecordEnvelope {
  readonly schema: string;
  /** Of a message alone: ODS code of its one addressee. */
  readonly to?: string;
  readonly asAt: string;
  readonly sections: Readonly<Record<string, unknown>>;
}

/** A record is stored and pulled; a message goes to one addressee. */
export type SchemaKind = 'record' | 'message';

export interface RecordSchema {
  /** Of a message its type, such as `referral`: agreements and consents name both alike. */
  readonly recordType: string;
  readonly kind: SchemaKind;
  readonly version: number;
  /** For example `social-care-summary/v1`. */
  readonly name: string;
  /** Only consent that names the type reaches it. */
  readonly explicitOnly: boolean;
  /** In record order. */
  readonly sections: readonly SectionDefinition[];
  /** Where a document of it says whom it is about; undefined where it does not. */
  readonly person: PersonPlaces | undefined;
  readonly check: SchemaCheck<RecordEnvelope>;
  /** The file as it is, for those who write such documents. */
  readonly source: object;
}

type Target = string | { pointer: string; where: Record<string, string> };

interface Section {
  $ref?: string;
  type?: 'object' | 'array';
  'x-label': 'N' | 'R';
  'x-redact'?: { location?: Target[]; nhsNumber?: Target[] };
  'x-person'?: PersonAnnotation;
}

interface RecordSchemaFile {
  'x-record-type': string;
  'x-kind'?: SchemaKind;
  'x-explicit-only': boolean;
  properties: { sections: { properties: Record<string, Section> } };
  $defs?: Record<string, { type?: unknown }>;
}

const pointer = { type: 'string', pattern: '^/' };
const targets = {
  type: 'array',
  items: {
    anyOf: [
      pointer,
      {
        type: 'object',
        required: ['pointer', 'where'],
        additionalProperties: false,
        properties: {
          pointer,
          where: { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } },
        },
      },
    ],
  },
};

const readable = compileSchema<RecordSchemaFile>({
  type: 'object',
  required: ['x-record-type', 'x-explicit-only', 'properties'],
  properties: {
    'x-record-type': { type: 'string', pattern: '^[a-z][a-z0-9-]{1,62}$' },
    'x-kind': { enum: ['record', 'message'] },
    'x-explicit-only': { type: 'boolean' },
    $defs: { type: 'object', additionalProperties: { type: 'object' } },
    properties: {
      type: 'object',
      required: ['sections'],
      properties: {
        sections: {
          type: 'object',
          required: ['properties'],
          properties: {
            properties: {
              type: 'object',
              minProperties: 1,
              additionalProperties: {
                type: 'object',
                required: ['x-label'],
                properties: {
                  $ref: { type: 'string', pattern: '^#/\\$defs/[^/]+$' },
                  type: { enum: ['object', 'array'] },
                  'x-label': { enum: ['N', 'R'] },
                  'x-redact': {
                    type: 'object',
                    additionalProperties: false,
                    properties: { location: targets, nhsNumber: targets },
                  },
                  'x-person': personAnnotation,
                },
              },
            },
          },
        },
      },
    },
  },
});

/**
 * Reads schemas/<recordType>/v<version>.json. Throws an Error that says what is wrong: the file is
 * ours, and a gateway with a schema that it misreads must not start.
 */
export function parseRecordSchema(source: unknown, version: number): RecordSchema {
  const file = readRecordSchemaFile(source);
  const recordType = file['x-record-type'];
  const { properties: sections } = file.properties.sections;
  return {
    recordType,
    kind: file['x-kind'] ?? 'record',
    version,
    name: `${recordType}/v${version}`,
    explicitOnly: file['x-explicit-only'],
    sections: Object.entries(sections).map(([name, section]) => ({
      name,
      label: section['x-label'],
      cardinality: cardinalityOf(name, section, file),
      targets: [
        ...targetsOf('location', section['x-redact']?.location ?? []),
        ...targetsOf('nhsNumber', section['x-redact']?.nhsNumber ?? []),
      ],
    })),
    person: readPersonPlaces(sections, file.$defs),
    check: compileSchema<RecordEnvelope>(source),
    source: file,
  };
}

function readRecordSchemaFile(source: unknown): RecordSchemaFile {
  if (readable.accepts(source)) return source;
  const faults = readable(source).map(({ pointer: place, detail }) => `${place} ${detail}`);
  throw new Error(`not a record schema: ${faults.join('; ')}`);
}

function cardinalityOf(name: string, section: Section, file: RecordSchemaFile): 'object' | 'array' {
  const referred = section.$ref && file.$defs?.[section.$ref.slice('#/$defs/'.length)];
  const type = section.type ?? (referred ? referred.type : undefined);
  if (type === 'object' || type === 'array') return type;
  throw new Error(`not a record schema: section ${name} is neither an object nor an array`);
}

function targetsOf(redaction: Redaction, list: readonly Target[]): RedactionTarget[] {
  return list.map((target) => {
    const { pointer: place, where } =
      typeof target === 'string' ? { pointer: target, where: {} } : target;
    return { redaction, pointer: place, path: parsePointer(place), where };
  });
}
