/** Schema checks: what is refused, and that what is told names a place and a rule, never a value. */
import * as fc from 'fast-check';
import t from 'tap';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { compileSchema } from '../../src/validation/json-schema.ts';
import { isDateTime, isFullDate } from '../../src/validation/rfc3339.ts';

const person = compileSchema<{ name: string }>({
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 10, pattern: '^[A-Z]' },
    sex: { type: 'string', enum: ['female', 'male'] },
    kind: { type: 'string', const: 'person' },
    born: { type: 'string', format: 'date' },
    seen: { type: 'string', format: 'date-time' },
    id: { type: 'string', format: 'uuid' },
    page: { type: 'string', format: 'uri' },
    pence: { type: 'integer', minimum: 0, maximum: 100 },
    tags: { type: 'array', maxItems: 2, uniqueItems: true, items: { type: 'string' } },
    extensions: {
      type: 'object',
      maxProperties: 30,
      propertyNames: { type: 'string', pattern: '^[a-z]+$' },
      additionalProperties: { type: 'string' },
    },
    'a/b': { type: 'object', required: ['c~d'], properties: { 'c~d': true } },
  },
});

/** "rule pointer" of each fault, in order. */
function faultsOf(value: unknown): string[] {
  return person(value).map(({ rule, pointer }) => `${rule} ${pointer}`);
}

t.test('names the missing member, and the one that is not known', async (t) => {
  t.same(faultsOf({}), ['required /name']);
  t.same(faultsOf({ name: 'Ann', 'x/y': 1 }), ['additionalProperties /x~1y']);
  t.same(faultsOf({ name: 'Ann', 'a/b': {} }), ['required /a~1b/c~0d']);
  t.same(faultsOf({ name: 'Ann', extensions: { BAD: 'x' } }), ['pattern /extensions/BAD']);
});

t.test('tells all faults at once, at most twenty, each once', async (t) => {
  t.same(faultsOf({ name: '', tags: ['a', 1, 'a'], pence: 1.5 }), [
    'minLength /name',
    'pattern /name',
    'type /pence',
    'maxItems /tags',
    'type /tags/1',
    'uniqueItems /tags',
  ]);
  const extensions = Object.fromEntries([...'abcdefghijklmnopqrstuvwxyz'].map((c) => [c, 1]));
  t.equal(person({ name: 'Ann', extensions }).length, 20);
});

t.test('tells one fault only of a value so large that a list would cost too much', async (t) => {
  const extensions = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`BAD${i}`, i]));
  t.equal(person({ name: 'ann', sex: 'x', extensions }).length, 1);
});

t.test('says nothing of an if that its then has said', async (t) => {
  const check = compileSchema({
    type: 'object',
    properties: { access: { type: 'string' }, label: { type: 'string' } },
    if: { required: ['access'], properties: { access: true } },
    ...JSON.parse(
      '{ "then": { "required": ["label"], "properties": { "label": { "const": "R" } } } }',
    ),
  });
  t.same(check({ access: 'key safe', label: 'N' }), [
    { pointer: '/label', rule: 'const', detail: 'must be "R"' },
  ]);
});

t.test('of alternatives that each miss a member, one fault names them all', async (t) => {
  const either = (keyword: 'oneOf' | 'anyOf') =>
    compileSchema({
      type: 'object',
      properties: { number: { type: 'string' }, name: { type: 'string' } },
      [keyword]: ['number', 'name'].map((member) => ({
        properties: { [member]: true },
        required: [member],
      })),
    });
  t.strictSame(either('oneOf')({}), [
    { pointer: '', rule: 'oneOf', detail: 'must have exactly one of number, name' },
  ]);
  t.strictSame(either('anyOf')({}), [
    { pointer: '', rule: 'anyOf', detail: 'must have at least one of number, name' },
  ]);
});

t.test('of members that exclude each other, one fault names them all', async (t) => {
  const member = (name: string, ...others: string[]) => ({
    properties: Object.fromEntries([name, ...others].map((one) => [one, true])),
    required: [name, ...others],
  });
  const properties = { number: true, name: true, code: true };
  const one = compileSchema({
    ...{ type: 'object', properties },
    oneOf: [member('number'), member('name'), member('code')],
  });
  t.strictSame(one({ number: '1', name: 'x' }), [
    { pointer: '', rule: 'oneOf', detail: 'must have only one of number, name, code' },
  ]);
  t.strictSame(one({ name: 'x' }), []);
  const unlike = compileSchema({
    ...{ type: 'object', properties },
    oneOf: [member('number'), { maxProperties: 1 }],
  });
  t.match(unlike({ number: '1' }), [{ detail: 'must fit exactly one of the forms allowed here' }]);
});

t.test('of many choices it names the first, each whole, and how many more there are', async (t) => {
  const detailOf = (choices: readonly string[]) => compileSchema({ enum: choices })(0)[0]?.detail;
  const words = Array.from({ length: 30 }, (_, i) => `record.kind-${i}`);
  t.equal(detailOf(words.slice(0, 2)), 'must be one of record.kind-0, record.kind-1');
  t.equal(detailOf(words), `must be one of ${words.slice(0, 8).join(', ')} and 22 more`);
  const long = 'x'.repeat(200);
  t.equal(detailOf([long, 'b']), `must be one of ${'x'.repeat(120)}… and 1 more`);
});

t.test('counts one element as one', async (t) => {
  const detailOf = (schema: object, value: unknown) => compileSchema(schema)(value)[0]?.detail;
  const list = { type: 'array', items: { type: 'string' } };
  t.equal(detailOf({ ...list, minItems: 1 }, []), 'must have at least 1 element');
  t.equal(detailOf({ ...list, minItems: 2 }, []), 'must have at least 2 elements');
  t.equal(detailOf({ ...list, maxItems: 1 }, ['a', 'b']), 'must have at most 1 element');
  t.equal(detailOf({ type: 'string', minLength: 1 }, ''), 'must have at least 1 character');
  t.equal(detailOf({ type: 'object', minProperties: 1 }, {}), 'must have at least 1 member');
  t.equal(detailOf({ type: 'object', maxProperties: 0 }, { a: 1 }), 'must have at most 0 members');
});

t.test('says of a text with nothing to read what is missing, not a pattern', async (t) => {
  const check = compileSchema({ type: 'string', pattern: '\\S' });
  t.match(check(' \t'), [{ rule: 'pattern', detail: 'must hold more than white space' }]);
  t.strictSame(check(' x '), []);
});

t.test('never repeats a value, nor a member name that may be one', async (t) => {
  const secret = 'Zz-4857-canary';
  const members = ['name', 'sex', 'kind', 'born', 'seen', 'id', 'page', 'pence', 'tags', 'a/b'];
  for (const member of members) {
    const faults = person({ [member]: secret });
    t.ok(faults.length > 0, member);
    t.notMatch(JSON.stringify(faults), secret, member);
    t.notMatch(JSON.stringify(person({ name: 'Ann', [member]: [secret, secret] })), secret, member);
  }
  for (const name of [
    'y'.repeat(300),
    '9996282457',
    '943476591',
    '1234567',
    'nhs 9996282457',
    'nhs9996282457',
    'Ann B',
    '',
  ]) {
    const [fault] = person({ name: 'Ann', [name]: 1 });
    t.equal(fault?.pointer, '/…', name.slice(0, 20));
  }
  for (const name of ['sexe', 'adresse_2', 'Größe', 'elmsworth.ward', '$ref', 'x-kind']) {
    t.equal(person({ name: 'Ann', [name]: 1 })[0]?.pointer, `/${name}`, 'a slip of the pen shows');
  }
});

t.test('names at most 64 characters of each name, whatever is sent', async (t) => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 3 }), (value) => {
      for (const { pointer, detail } of person(value)) {
        t.ok(pointer.split('/').every((segment) => segment.length <= 128));
        t.ok(detail.length <= 150);
      }
    }),
  );
});

t.test('hands over what is valid, and refuses the rest with the code asked for', async (t) => {
  t.same(person.checked({ name: 'Ann' }, 'REQUEST_INVALID'), { name: 'Ann' });
  t.ok(person.accepts({ name: 'Ann' }));
  t.notOk(person.accepts({ name: 'ann' }));
  try {
    person.checked({ name: 'Ann', sex: 'x' }, 'REQUEST_INVALID');
    t.fail('accepted');
  } catch (error) {
    t.ok(error instanceof GatewayError);
    t.match(error, {
      code: 'REQUEST_INVALID',
      errors: [{ pointer: '/sex', rule: 'enum', detail: 'must be one of female, male' }],
    });
  }
});

t.test('turns text into numbers only where that is asked for', async (t) => {
  const schema = { type: 'object', properties: { limit: { type: 'integer' } } };
  const query = compileSchema<{ limit?: number }>(schema, { coerceTypes: true });
  t.same(query.checked({ limit: '20' }, 'REQUEST_INVALID'), { limit: 20 });
  t.same(compileSchema(schema)({ limit: '20' })[0]?.rule, 'type');
});

t.test('refuses a schema with a keyword or format that nobody knows', async (t) => {
  t.doesNotThrow(() => compileSchema({ type: 'string', 'x-label': 'N' }));
  t.throws(() => compileSchema({ type: 'string', 'x-lable': 'N' }));
  t.throws(() => compileSchema({ type: 'string', format: 'postcode' }));
  t.throws(() => compileSchema('string'), TypeError);
});

t.test('takes the same schema twice', async (t) => {
  const schema = { $id: 'urn:jetway:test', type: 'object' };
  compileSchema(schema);
  t.same(compileSchema({ ...schema })([])[0]?.rule, 'type');
});

t.test('knows the days that exist, leap years among them', async (t) => {
  for (const day of ['2028-02-29', '2000-02-29', '2400-02-29', '2026-12-31', '0001-01-01']) {
    t.ok(isFullDate(day), day);
  }
  for (const day of [
    '2026-02-29',
    '1900-02-29',
    '2100-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '0000-01-01',
    '2026-1-01',
    '20260101',
    '2026-01-01 ',
    '2026-01-01\n',
    '+2026-01-01',
    '२०२६-01-01',
  ]) {
    t.notOk(isFullDate(day), JSON.stringify(day));
  }
});

t.test('takes exactly the days of the calendar', async (t) => {
  const parts = fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.nat(14), fc.nat(33));
  fc.assert(
    fc.property(parts, ([year, month, day]) => {
      const text = [
        `${year}`.padStart(4, '0'),
        `${month}`.padStart(2, '0'),
        `${day}`.padStart(2, '0'),
      ];
      const date = new Date(0);
      date.setUTCFullYear(year, month - 1, day);
      const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
      t.equal(isFullDate(text.join('-')), exists);
    }),
    { numRuns: 500 },
  );
});

t.test('takes only instants that say their offset', async (t) => {
  for (const instant of [
    '2026-11-22T10:00:00Z',
    '2026-11-22T10:00:00.123456789+01:00',
    '2028-02-29T23:59:59-12:00',
    '2026-11-22T10:00:00-00:00',
  ]) {
    t.ok(isDateTime(instant), instant);
    t.ok(Number.isFinite(Date.parse(instant)), instant);
  }
  for (const instant of [
    '2026-11-22 10:00:00Z',
    '2026-11-22t10:00:00z',
    '2026-11-22T10:00:00',
    '2026-11-22T10:00Z',
    '2026-11-22T23:59:60Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T10:60:00Z',
    '2026-11-22T10:00:00.Z',
    '2026-11-22T10:00:00,5Z',
    '2026-11-22T10:00:00+1:00',
    '2026-11-22T10:00:00+0100',
    '2026-11-22T10:00:00+16:00',
    '2026-02-29T10:00:00Z',
    '2026-11-22',
    '2026-11-22T10:00:00ZZ',
  ]) {
    t.notOk(isDateTime(instant), instant);
  }
});

t.test('takes UUIDs without a prefix and URIs with a scheme', async (t) => {
  const uuid = '7e8c1f0a-6d2b-4a55-9a63-0b1f2c3d4e5f';
  t.same(faultsOf({ name: 'Ann', id: uuid, page: 'https://fhir.nhs.uk/Id/nhs-number' }), []);
  t.same(faultsOf({ name: 'Ann', id: `urn:uuid:${uuid}` }), ['format /id']);
  t.same(faultsOf({ name: 'Ann', id: uuid.replaceAll('-', '') }), ['format /id']);
  t.same(faultsOf({ name: 'Ann', page: 'fhir.nhs.uk/Id' }), ['format /page']);
});
