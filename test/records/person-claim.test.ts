/** Whom a document is about: read by the places that its schema names, and held against a person. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { createIdentitySchemes } from '../../src/clients/identity-schemes/identity-scheme-registry.ts';
import { formatPointer, parsePointer } from '../../src/encoding/json-pointer.ts';
import { GatewayError } from '../../src/errors/gateway-error.ts';
import { type PersonClaim, readPersonClaim } from '../../src/records/person-claim.ts';
import { findPersonMismatch } from '../../src/records/person-mismatch.ts';
import { readPersonPlaces } from '../../src/records/person-places.ts';
import { readRecordDocument } from '../../src/records/record-document.ts';
import { loadSchemaRegistry } from '../../src/records/schema-registry.ts';
import { council, naming } from '../support/builders.ts';

const nhs = 'https://fhir.nhs.uk/Id/nhs-number';
const chi = 'https://fhir.nhs.uk/Id/chi-number';
const hc = 'https://fhir.nhs.uk/Id/hsc-number';
const careSystem = 'https://council.example/care-id';

const registry = loadSchemaRegistry('schemas');
const enabled = ['nhs-number', 'chi-number', 'hc-number', 'local-id'];
const identitySchemes = createIdentitySchemes({ ranges: 'test', enabled });
const at = new Date('2026-11-22T10:00:00Z');
const limits = { maxBytes: 262_144, maxDepth: 32, maxKeys: 5_000 };

function read(record: unknown, schemes = identitySchemes) {
  const type = String(Object(record).schema).split('/')[0] ?? '';
  const options = { limits, at, identitySchemes: schemes };
  return readRecordDocument(Buffer.from(JSON.stringify(record)), type, registry, options);
}

const claimOf = (...identifiers: readonly { system: string; value: string }[]) =>
  read(naming(...identifiers)).person ?? { identifiers: [], birthDates: [] };

/** "rule pointer" of each fault. */
function faultsOf(...identifiers: readonly { system: string; value: string }[]): string[] {
  return toldOf(...identifiers).map(({ rule, pointer }) => `${rule} ${pointer}`);
}

function toldOf(...identifiers: readonly { system: string; value: string }[]) {
  try {
    read(naming(...identifiers));
    return [];
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    t.equal(error.code, 'RECORD_INVALID');
    return error.errors ?? [];
  }
}

t.test('every document with a section about the person says where it names them', async (t) => {
  const withPerson = registry.recordTypes.filter((type) =>
    registry.get(type).sections.some(({ name }) => name === 'person'),
  );
  t.same(withPerson.length, 4);
  for (const type of registry.recordTypes) {
    const { person } = registry.get(type);
    t.equal(person?.section, withPerson.includes(type) ? 'person' : undefined, type);
    for (const file of readdirSync(`schemas/${type}/examples/valid`)) {
      const example = JSON.parse(readFileSync(`schemas/${type}/examples/valid/${file}`, 'utf8'));
      const { person: claim } = read(example);
      const section = example.sections.person;
      t.same(
        claim?.birthDates,
        section && [{ pointer: '/sections/person/birthDate', value: section.birthDate }],
        `${type} ${file}`,
      );
      t.equal(claim?.identifiers.length, section && (section.identifiers ?? []).length, file);
    }
  }
});

t.test('a number that is none is refused by the rule that a trace has for it', async (t) => {
  const place = '/sections/person/identifiers/0/value';
  t.same(faultsOf({ system: nhs, value: '9990000018' }), []);
  t.same(faultsOf({ system: nhs, value: '9990000019' }), [`check-digit ${place}`]);
  t.same(faultsOf({ system: nhs, value: '9999999999' }), [`repeated-digits ${place}`]);
  t.same(faultsOf({ system: nhs, value: '4010232137' }), [`range ${place}`]);
  t.match(toldOf({ system: nhs, value: '4010232137' }), [{ detail: /^must begin with 5 or 9,/ }]);
  t.same(faultsOf({ system: nhs, value: '999000001' }), [`pattern ${place}`], 'by the schema');
  t.same(faultsOf({ system: chi, value: '3213000000' }), [`birth-date ${place}`]);
  t.same(faultsOf({ system: hc, value: 'H9990000018' }), [`format ${place}`]);
  const second = '/sections/person/identifiers/1/value';
  const two = [nhs, nhs].map((system) => ({ system, value: '9990000019' }));
  t.same(faultsOf(...two), [`check-digit ${place}`, `check-digit ${second}`]);
});

t.test('another letter case of a system does not hide a number', async (t) => {
  for (const system of [nhs.toLowerCase(), 'https://FHIR.nhs.uk/Id/NHS-Number']) {
    t.match(faultsOf({ system, value: '9990000019' }), [/^check-digit /], system);
    t.match(claimOf({ system, value: '9990000018' }).identifiers, [{ system: nhs }], system);
  }
});

t.test('an NHS number under another name of its system is a fault', async (t) => {
  // no redaction would find it
  const place = '/sections/person/identifiers/0/system';
  for (const system of ['urn:oid:2.16.840.1.113883.2.1.4.1', 'http://fhir.nhs.uk/Id/nhs-number/']) {
    t.same(faultsOf({ system, value: '9990000018' }), [`system ${place}`], system);
  }
});

t.test('what the gateway has no scheme for is nobody’s claim', async (t) => {
  t.same(claimOf({ system: 'http://other.example/id', value: '#1' }).identifiers, []);
  const english = createIdentitySchemes({ ranges: 'test', enabled: ['nhs-number'] });
  const scottish = naming({ system: chi, value: 'none' });
  t.same(read(scottish, english).person?.identifiers, [], 'nor is one that is switched off');
  const local = claimOf({ system: careSystem, value: '<of-their-own>' });
  t.match(local.identifiers, [{ system: careSystem, scope: 'organisation' }]);
});

t.test('a document may leave out the section, and whatever is in it', async (t) => {
  const places = { section: 'person', identifiers: ['ids', '*'], birthDate: ['born', 'on'] };
  for (const sections of [{}, { person: {} }, { person: { ids: {}, born: [] } }]) {
    t.same(readPersonClaim(sections, places, identitySchemes), {
      claim: { identifiers: [], birthDates: [] },
      faults: [],
    });
  }
  const odd = { person: { ids: [1, null, {}, { system: nhs }, { system: nhs, value: 1 }] } };
  t.same(readPersonClaim(odd, places, identitySchemes).claim.identifiers, []);
});

t.test('a schema that names places which are not there stops the start', async (t) => {
  const identifier = {
    properties: { system: { type: 'string' }, value: { type: 'string' } },
  };
  const section = {
    properties: {
      ids: { items: { $ref: '#/$defs/identifier' } },
      names: { items: { type: 'string' } },
      born: { type: 'string', format: 'date' },
    },
  };
  const places = (identifiers: string, birthDate: string) =>
    readPersonPlaces(
      { person: { ...section, 'x-person': { identifiers, birthDate } } },
      { identifier },
    );
  t.same(places('/ids/*', '/born'), {
    ...{ section: 'person', identifiers: ['ids', '*'], birthDate: ['born'] },
  });
  t.throws(() => places('/ids', '/born'), /no system at/u, 'the list is no identifier');
  t.throws(() => places('/identifiers/*', '/born'), /no system/u);
  t.throws(() => places('/names/*', '/born'), /no system/u);
  t.throws(() => places('/ids/*', '/birthDate'), /no full date/u);
  t.throws(() => places('/ids/*', '/toString'), /no full date/u);
  const one = { ...section, 'x-person': { identifiers: '/ids/*', birthDate: '/born' } };
  t.throws(() => readPersonPlaces({ one, two: one }, { identifier }), /only one/u);
  const silent: Parameters<typeof readPersonPlaces>[0] = { person: {} };
  t.equal(readPersonPlaces(silent, {}), undefined);
});

const values = fc.constantFrom('1', '2', '3', '4');
const national = fc.record({ system: fc.constantFrom(nhs, chi, hc), value: values });
const claims = fc
  .record({
    identifiers: fc.array(national, { maxLength: 6 }),
    birthDate: fc.constantFrom('1948-03-02', '1950-01-01'),
  })
  .map(
    ({ identifiers, birthDate }): PersonClaim => ({
      identifiers: identifiers.map((one, i) => ({ ...one, scope: 'national', pointer: `/${i}` })),
      birthDates: [{ pointer: '/born', value: birthDate }],
    }),
  );
const people = fc.record({
  birthDate: fc.constantFrom('1948-03-02', '1950-01-01'),
  identifiers: fc.array(national, { maxLength: 4 }),
});

t.test('what is refused is each number of a known scheme that is not theirs', async (t) => {
  fc.assert(
    fc.property(claims, people, (claim, held) => {
      const told = findPersonMismatch(claim, held, council).map(({ pointer }) => pointer);
      const isStrange = ({ system, value }: { system: string; value: string }) =>
        held.identifiers.some((one) => one.system === system) &&
        !held.identifiers.some((one) => one.system === system && one.value === value);
      const expected = claim.identifiers.filter(isStrange).map(({ pointer }) => pointer);
      const [born] = claim.birthDates;
      if (born && born.value !== held.birthDate) expected.push(born.pointer);
      t.same(told, expected);
    }),
  );
});

t.test('a person’s own document is never refused, with any of their numbers', async (t) => {
  fc.assert(
    fc.property(people, fc.array(fc.nat()), (held, picks) => {
      const own = picks.flatMap((pick) => held.identifiers[pick % held.identifiers.length] ?? []);
      const claim: PersonClaim = {
        identifiers: own.map((one) => ({ ...one, scope: 'national', pointer: '/' })),
        birthDates: [{ pointer: '/born', value: held.birthDate }],
      };
      t.same(findPersonMismatch(claim, held, council), []);
    }),
  );
});

t.test('what is told of a mismatch is the same whatever the values are', async (t) => {
  const held = { birthDate: '1948-03-02', identifiers: [{ system: nhs, value: '9990000018' }] };
  const told = (value: string, birthDate: string) =>
    findPersonMismatch(
      {
        identifiers: [{ pointer: '/n', system: nhs, value, scope: 'national' }],
        birthDates: [{ pointer: '/b', value: birthDate }],
      },
      held,
      council,
    );
  t.same(told('9990000026', '1950-01-01'), told('9990000042', '1901-12-31'));
  t.match(told('9990000026', '1950-01-01'), [
    { pointer: '/n', rule: 'person' },
    { pointer: '/b', rule: 'person' },
  ]);
});

t.test(
  'a local number counts within the organisation that gave it, and nowhere else',
  async (t) => {
    const local = claimOf({ system: careSystem, value: 'B-2' });
    const held = (system: string, value: string) => ({
      birthDate: '1948-03-02',
      identifiers: [{ system, value }],
    });
    const refused = (system: string, value: string) =>
      findPersonMismatch(local, held(system, value), council).length > 0;
    t.ok(refused(`${careSystem}#${council}`, 'A-1'));
    t.notOk(refused(`${careSystem}#${council}`, 'B-2'));
    t.notOk(refused(`${careSystem}#XRH01`, 'A-1'), 'another’s says nothing of ours');
    t.notOk(refused(nhs, '9990000018'), 'and a person known by other numbers is not compared');
  },
);

t.test('the place of a claim leads to what was claimed', async (t) => {
  const record = naming({ system: careSystem, value: 'x' }, { system: nhs, value: '9990000018' });
  for (const { pointer, value } of read(record).person?.identifiers ?? []) {
    t.equal(pointer, formatPointer(parsePointer(pointer)));
    const found = parsePointer(pointer).reduce<unknown>((from, name) => Object(from)[name], record);
    t.equal(found, value);
  }
});
