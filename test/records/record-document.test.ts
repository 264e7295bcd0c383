/** Published records: read strictly, checked against the version they name, split as they came. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import t from 'tap';
import { createIdentitySchemes } from '../../src/clients/identity-schemes/identity-scheme-registry.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { type RecordDocument, readRecordDocument } from '../../src/records/record-document.ts';
import { parseRecordSchema, type RecordSchema } from '../../src/records/record-schema.ts';
import { createSchemaRegistry, loadSchemaRegistry } from '../../src/records/schema-registry.ts';

const at = new Date('2026-11-22T10:00:00Z');
const limits = { maxBytes: 4096, maxDepth: 16, maxKeys: 500 };
const identitySchemes = createIdentitySchemes({ ranges: 'test', enabled: ['nhs-number'] });
const entry = {
  type: 'object',
  additionalProperties: false,
  properties: {
    text: { type: 'string', maxLength: 50 },
    label: { type: 'string', enum: ['N', 'R', 'V'] },
  },
};

function noteSchema(version: number): Record<string, unknown> {
  return {
    'x-record-type': 'care-note',
    'x-explicit-only': false,
    type: 'object',
    additionalProperties: false,
    required: ['schema', 'asAt', 'sections'],
    properties: {
      schema: { type: 'string', const: `care-note/v${version}` },
      asAt: { type: 'string', format: 'date-time' },
      sections: {
        type: 'object',
        additionalProperties: false,
        required: ['person'],
        properties: {
          person: { 'x-label': 'N', ...entry, 'x-redact': { location: ['/address'] } },
          plan: { 'x-label': 'N', $ref: '#/$defs/entry' },
          notes: { 'x-label': 'N', type: 'array', maxItems: 5, items: entry },
          history: { 'x-label': 'R', type: 'array', maxItems: 5, items: entry },
        },
      },
    },
    $defs: { entry },
  };
}

const registry = createSchemaRegistry([
  parseRecordSchema(noteSchema(1), 1),
  parseRecordSchema(noteSchema(2), 2),
]);

function read(text: string): RecordDocument {
  return readRecordDocument(Buffer.from(text), 'care-note', registry, {
    ...{ limits, at, identitySchemes },
  });
}

function readNote(sections: object, envelope: object = {}): RecordDocument {
  const base = { schema: 'care-note/v1', asAt: '2026-11-22T09:00:00Z', sections };
  return read(JSON.stringify({ ...base, ...envelope }));
}

/** "CODE rule pointer" of the first fault, or what was accepted. */
function verdictOf(read: () => unknown): string {
  try {
    read();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const [fault] = error.errors ?? [];
    return fault ? `${error.code} ${fault.rule} ${fault.pointer}` : error.code;
  }
}

t.test('splits a record into sections in record order, each text byte for byte', async (t) => {
  const document = read(
    `{"asAt":"2026-11-22T10:30:00.5+01:00", "sections": {"notes" : [ {"text":"caf\\u00e9"} ],
      "person":{ "text" : "A" }}, "schema":"care-note/v2"}`,
  );
  t.same(document, {
    schema: 'care-note/v2',
    version: 2,
    asAt: '2026-11-22T10:30:00.5+01:00',
    sections: [
      { name: 'person', label: 'N', text: '{ "text" : "A" }' },
      { name: 'notes', label: 'N', text: '[ {"text":"caf\\u00e9"} ]' },
    ],
  });
});

t.test('labels a section by the strictest of its default and its entries', async (t) => {
  const { sections } = readNote({
    person: { label: 'R' },
    plan: {},
    notes: [{ label: 'N' }, { label: 'V' }, { label: 'R' }, {}],
    history: [{ label: 'N' }],
  });
  t.same(
    sections.map(({ name, label }) => `${name} ${label}`),
    ['person R', 'plan N', 'notes V', 'history R'],
  );
});

t.test('refuses a record whose schema is not a version of the type it is sent as', async (t) => {
  const sections = { person: {} };
  const refused = 'RECORD_INVALID schema /schema';
  for (const schema of [
    'social-care-summary/v1',
    'care-note',
    'care-note/v01',
    'care-note/v1 ',
    1,
  ]) {
    t.equal(
      verdictOf(() => readNote(sections, { schema })),
      refused,
      String(schema),
    );
  }
  t.equal(
    verdictOf(() => readNote(sections, { schema: 'care-note/v3' })),
    'SCHEMA_UNKNOWN schema /schema',
  );
  t.equal(
    verdictOf(() => read('[]')),
    refused,
  );
  t.equal(
    verdictOf(() => read('null')),
    refused,
  );
});

t.test('refuses a record that its schema refuses, naming where', async (t) => {
  t.equal(
    verdictOf(() => readNote({})),
    'RECORD_INVALID required /sections/person',
  );
  t.equal(
    verdictOf(() => readNote({ person: {}, diary: {} })),
    'RECORD_INVALID additionalProperties /sections/diary',
  );
  t.equal(
    verdictOf(() => readNote({ person: {} }, { nhsNumber: '9990001234' })),
    'RECORD_INVALID additionalProperties /nhsNumber',
  );
});

t.test('refuses a record from the future, five minutes of clock drift apart', async (t) => {
  const asAt = (instant: string): string =>
    verdictOf(() => readNote({ person: {} }, { asAt: instant }));
  t.equal(asAt('2026-11-22T10:05:00Z'), 'accepted');
  t.equal(asAt('2026-11-22T11:05:00+01:00'), 'accepted');
  t.equal(asAt('2026-11-22T10:05:00.001Z'), 'RECORD_INVALID future /asAt');
});

t.test('refuses a body that is too large, or read two ways, before it is validated', async (t) => {
  t.equal(
    verdictOf(() => read('x'.repeat(4097))),
    'BODY_TOO_LARGE',
  );
  t.equal(
    verdictOf(() => read('{"sections":{},"sections":{}}')),
    'JSON_MALFORMED duplicate /sections',
  );
});

t.test('knows the versions of a record type side by side', async (t) => {
  t.equal(registry.find('care-note')?.version, 2);
  t.equal(registry.get('care-note', 1).name, 'care-note/v1');
  t.equal(registry.find('care-note', 3), undefined);
  t.equal(
    verdictOf(() => registry.get('diary')),
    'SCHEMA_UNKNOWN schema /schema',
  );
  t.same(registry.recordTypes, ['care-note']);
  t.match(registry.get('care-note').sections, [
    { name: 'person', cardinality: 'object', targets: [{ pointer: '/address', where: {} }] },
    { name: 'plan', cardinality: 'object', targets: [] },
    { name: 'notes', cardinality: 'array' },
    { name: 'history', label: 'R' },
  ]);
});

t.test('does not start with a schema that it would misread', async (t) => {
  const broken = (change: object): (() => unknown) => {
    return () => parseRecordSchema({ ...noteSchema(1), ...change }, 1);
  };
  const section = (definition: object): object => ({
    properties: { sections: { type: 'object', properties: { person: definition } } },
  });
  t.throws(broken({ 'x-explicit-only': 'yes' }));
  t.throws(broken(section({ type: 'object' })), 'no label');
  t.throws(broken(section({ type: 'object', 'x-label': 'V' })), 'no such default');
  t.throws(broken(section({ type: 'string', 'x-label': 'N' })), 'neither object nor array');
  t.throws(broken(section({ $ref: '#/$defs/none', 'x-label': 'N' })), 'refers to nothing');
  const redact = { location: [''] };
  t.throws(broken(section({ type: 'object', 'x-label': 'N', 'x-redact': redact })), 'cuts all');
  const typo = { locations: ['/address'] };
  t.throws(broken(section({ type: 'object', 'x-label': 'N', 'x-redact': typo })), 'a typing error');
});

t.test('reads a message as it reads a record', async (t) => {
  const example = readFileSync('schemas/referral/examples/valid/every-section.json');
  const shipped = loadSchemaRegistry('schemas');
  const roomy = { maxBytes: 65_536, maxDepth: 16, maxKeys: 500 };
  const options = { limits: roomy, at, identitySchemes };
  const { schema, sections } = readRecordDocument(example, 'referral', shipped, options);
  t.equal(schema, 'referral/v1');
  t.match(sections[0], { name: 'person', label: 'N' });
  t.match(sections.at(-1), { name: 'attachments', label: 'R' });
  t.equal(
    verdictOf(() => readRecordDocument(example, 'social-care-summary', shipped, options)),
    'RECORD_INVALID schema /schema',
  );
});

t.test('keeps messages apart from records', async (t) => {
  const letter = { 'x-record-type': 'letter', 'x-kind': 'message' };
  const schemas = createSchemaRegistry([
    parseRecordSchema(noteSchema(1), 1),
    parseRecordSchema({ ...noteSchema(1), ...letter }, 1),
  ]);
  t.equal(schemas.find('care-note')?.kind, 'record', 'unless it says otherwise');
  t.equal(schemas.findRecord('care-note')?.name, 'care-note/v1');
  t.equal(schemas.findMessage('care-note'), undefined);
  t.equal(schemas.findRecord('letter'), undefined);
  t.equal(schemas.findMessage('letter')?.name, 'letter/v1');
  t.equal(schemas.findMessage('diary'), undefined);
  t.same(schemas.recordTypes, ['care-note', 'letter'], 'an agreement can name both');
  t.throws(() => parseRecordSchema({ ...noteSchema(1), 'x-kind': 'letter' }, 1));
});

t.test('reads the schemas folder, and leaves alone what is no record schema', async (t) => {
  const dir = t.testdir({
    'care-note': { 'v1.json': JSON.stringify(noteSchema(1)), 'notes.txt': 'x', examples: {} },
    agreement: { 'v1.json': '{"type":"object"}' },
    'README.md': 'x',
  });
  t.same(loadSchemaRegistry(dir).recordTypes, ['care-note']);
  mkdirSync(`${dir}/diary`);
  writeFileSync(`${dir}/diary/v1.json`, JSON.stringify(noteSchema(1)));
  t.throws(() => loadSchemaRegistry(dir), /another record type/u);
});

t.test(
  'ships three records and three messages, only the income statement explicit-only',
  async (t) => {
    const shipped = loadSchemaRegistry('schemas');
    const schemas = shipped.recordTypes.map((type) => shipped.get(type));
    const typesWhere = (wanted: (schema: RecordSchema) => boolean) =>
      schemas.filter(wanted).map(({ recordType }) => recordType);
    t.same(
      typesWhere(({ kind }) => kind === 'record'),
      ['hb-income-statement', 'health-summary', 'social-care-summary'],
    );
    t.same(
      typesWhere(({ kind }) => kind === 'message'),
      ['correction-request', 'discharge-notification', 'referral'],
    );
    t.same(
      typesWhere(({ explicitOnly }) => explicitOnly),
      ['hb-income-statement'],
    );
    const arrayOfEntries = shipped
      .get('social-care-summary')
      .sections.find(({ name }) => name === 'servicesAndCare');
    t.equal(arrayOfEntries?.cardinality, 'array');
  },
);
