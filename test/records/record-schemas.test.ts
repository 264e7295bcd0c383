/**
 * Every type of record and message against its examples: schemas/<type>/examples. An invalid example
 * names the first fault that a publisher or sender must be told. Rules: docs/record-types.md.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { formatPointer, parsePointer } from '../../src/encoding/json-pointer.ts';
import type { Fault } from '../../src/errors/gateway-error.ts';
import { checkIncomeArithmetic } from '../../src/records/income-arithmetic.ts';
import type { CorrectionRequestV1 } from '../../src/records/types/correction-request-v1.ts';
import type { DischargeNotificationV1 } from '../../src/records/types/discharge-notification-v1.ts';
import type { HbIncomeStatementV1 } from '../../src/records/types/hb-income-statement-v1.ts';
import type { HealthSummaryV1 } from '../../src/records/types/health-summary-v1.ts';
import type { ReferralV1 } from '../../src/records/types/referral-v1.ts';
import type { SocialCareSummaryV1 } from '../../src/records/types/social-care-summary-v1.ts';
import { compileSchema } from '../../src/validation/json-schema.ts';

const schemasDir = join(import.meta.dirname, '../../schemas');

const summary = readJson('social-care-summary/v1.json');
const statement = readJson('hb-income-statement/v1.json');
const checkSummary = compileSchema<SocialCareSummaryV1>(summary);
const checkStatement = compileSchema<HbIncomeStatementV1>(statement);

const health = readJson('health-summary/v1.json');
const referral = readJson('referral/v1.json');
const correction = readJson('correction-request/v1.json');
const discharge = readJson('discharge-notification/v1.json');
const checkDischarge = compileSchema<DischargeNotificationV1>(discharge);

const types = [
  { name: 'social-care-summary', schema: summary, check: checkSummary },
  { name: 'hb-income-statement', schema: statement, check: checkWholeStatement },
  { name: 'health-summary', schema: health, check: compileSchema<HealthSummaryV1>(health) },
  { name: 'referral', schema: referral, check: compileSchema<ReferralV1>(referral) },
  {
    name: 'correction-request',
    schema: correction,
    check: compileSchema<CorrectionRequestV1>(correction),
  },
  { name: 'discharge-notification', schema: discharge, check: checkDischarge },
];

function checkWholeStatement(record: unknown): readonly Fault[] {
  const faults = checkStatement(record);
  if (faults.length > 0) return faults;
  return checkIncomeArithmetic(checkStatement.checked(record, 'RECORD_INVALID'));
}

for (const { name, schema, check } of types) {
  t.test(`accepts every good ${name}`, async (t) => {
    for (const [title, record] of examples(name, 'valid')) t.same(check(record), [], title);
  });

  t.test(`shows every section of a ${name} in an example`, async (t) => {
    const known = Object.keys(membersOf(at(schema, '/properties/sections/properties')));
    const shown = at(new Map(examples(name, 'valid')).get('every-section'), '/sections');
    t.same(Object.keys(membersOf(shown)), known);
  });

  t.test(`refuses every faulty ${name} and names the place and the rule`, async (t) => {
    for (const [title, example] of examples(name, 'invalid')) {
      const [first] = check(at(example, '/record'));
      const expected = { pointer: at(example, '/pointer'), rule: at(example, '/rule') };
      t.same({ pointer: first?.pointer, rule: first?.rule }, expected, title);
    }
  });

  const schemaText = JSON.stringify(schema);

  t.test(`never repeats in a fault what a faulty ${name} said`, async (t) => {
    for (const [title, example] of examples(name, 'invalid')) {
      const record = at(example, '/record');
      const told = JSON.stringify(check(record).map(({ detail }) => detail));
      const repeated = stringsIn(at(record, '/sections')).filter((text) => told.includes(text));
      // A fault may use the schema's own words, even where the record uses them too.
      const own = repeated.filter((text) => text !== '' && !schemaText.includes(text));
      t.same(own, [], title);
    }
  });

  t.test(`bounds every text and every list of a ${name}`, async (t) => {
    for (const [pointer, part] of schemasIn(schema)) {
      if (part['enum'] !== undefined || part['const'] !== undefined) continue;
      if (/\/(?:if|then|else)\//u.test(pointer)) continue;
      if (part['type'] === 'string') t.type(part['maxLength'], 'number', pointer);
      if (part['type'] === 'array') t.type(part['maxItems'], 'number', pointer);
      if (part['type'] === 'object' && pointer !== '') {
        t.not(part['additionalProperties'], undefined, pointer);
      }
    }
  });

  t.test(`leaves a ${name} valid when everything that a redaction names is cut`, async (t) => {
    const sections = Object.entries(membersOf(at(schema, '/properties/sections/properties')));
    const pointers = sections.flatMap(([section, definition]) => {
      const entry = at(definition, '/type') === 'array' ? `/${section}/*` : `/${section}`;
      const rules = ['location', 'nhsNumber'].flatMap((redaction) =>
        listOf(at(definition, `/x-redact/${redaction}`)),
      );
      return rules.map((rule) => `${entry}${at(rule, '/pointer') ?? rule}`);
    });
    for (const [title, record] of examples(name, 'valid')) {
      for (const pointer of pointers) cut(at(record, '/sections'), parsePointer(pointer));
      t.same(check(record), [], title);
    }
  });
}

t.test('keeps the way into a home out of sections that flow by default', async (t) => {
  const access = { access: 'under the pot' };
  const withAccommodation = (accommodation: unknown) => {
    const record = readJson('social-care-summary/examples/valid/minimum-useful-record.json');
    Object.assign(membersOf(at(record, '/sections')), { accommodation });
    return checkSummary(record).map(({ pointer, rule }) => `${rule} ${pointer}`);
  };
  t.same(withAccommodation(access), ['required /sections/accommodation/label']);
  t.same(withAccommodation({ ...access, label: 'N' }), ['enum /sections/accommodation/label']);
  t.same(withAccommodation({ ...access, label: 'R' }), []);
  t.same(withAccommodation({ ...access, label: 'V' }), []);
});

t.test(
  'shares an income statement only where consent names it, a summary also without',
  async (t) => {
    t.equal(at(statement, '/x-explicit-only'), true);
    t.equal(at(summary, '/x-explicit-only'), false);
  },
);

t.test('cuts with the location the practice of whoever wrote an entry for the NHS', async (t) => {
  for (const schema of [health, referral, correction, discharge]) {
    const sections = Object.entries(membersOf(at(schema, '/properties/sections/properties')));
    for (const [name, section] of sections) {
      const cuts = listOf(at(section, '/x-redact/location'));
      t.ok(cuts.includes('/recordedBy/organisation'), name);
      t.ok(cuts.includes('/extensions'), name);
    }
  }
});

t.test('tells a notice what its kind asks for, and what it has no use for', async (t) => {
  const told = (kind: string, change: object) => {
    const message = readJson(`discharge-notification/examples/valid/${kind}.json`);
    Object.assign(membersOf(at(message, '/sections/notice')), change);
    return checkDischarge(message).map(({ pointer, rule }) => `${rule} ${pointer}`);
  };
  t.same(told('admission', { kind: 'discharge-notice' }), ['required /sections/dischargeDetails']);
  t.same(told('admission', { kind: 'update' }), [
    'required /sections/notice/concerns',
    'required /sections/notice/update',
  ]);
  t.same(told('withdrawal', { kind: 'admission' }).toSorted(), [
    'false schema /sections/notice/concerns',
    'false schema /sections/notice/withdrawal',
    ...['admissionDetails', 'allergies', 'careNeedsSummary', 'gpPractice', 'referralDetails'].map(
      (section) => `required /sections/${section}`,
    ),
  ]);
});

t.test('says in its examples nothing about a living person', async (t) => {
  for (const { name } of types) {
    for (const [title, record] of examples(name, 'valid')) {
      for (const text of stringsIn(record).filter((text) => /^[0-9]{10}$/u.test(text))) {
        t.match(text, /^999/u, `${name} ${title}: NHS numbers are of the test range`);
        t.ok(hasCheckDigit(text), `${name} ${title}: check digit`);
      }
    }
  }
});

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(schemasDir, path), 'utf8'));
}

function examples(recordType: string, kind: 'valid' | 'invalid'): [string, unknown][] {
  const dir = `${recordType}/examples/${kind}`;
  return readdirSync(join(schemasDir, dir)).map((file) => [
    basename(file, '.json'),
    readJson(`${dir}/${file}`),
  ]);
}

function membersOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object(value) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function at(value: unknown, pointer: string): unknown {
  return parsePointer(pointer).reduce<unknown>((part, name) => membersOf(part)[name], value);
}

/** Cuts harder than the gateway does: every member that a rule could cut, whatever its `where`. */
function cut(value: unknown, path: readonly string[]): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  const members = membersOf(value);
  if (rest.length > 0) {
    const chosen = name === '*' ? Object.keys(members) : [name];
    for (const key of chosen) cut(members[key], rest);
  } else if (name !== '*') {
    delete members[name];
  } else if (Array.isArray(value)) {
    value.length = 0;
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Object.values(membersOf(value)).flatMap(stringsIn);
}

/** Every object of a schema that has a `type`, with its place. */
function schemasIn(value: unknown, path: string[] = []): [string, Record<string, unknown>][] {
  const members = membersOf(value);
  const own: [string, Record<string, unknown>][] =
    typeof members['type'] === 'string' ? [[formatPointer(path), members]] : [];
  const inner = Object.entries(members).flatMap(([name, part]) => schemasIn(part, [...path, name]));
  return [...own, ...inner];
}

function hasCheckDigit(nhsNumber: string): boolean {
  const digits = [...nhsNumber].map(Number);
  const weighted = digits.slice(0, 9).reduce((total, digit, i) => total + digit * (10 - i), 0);
  return (11 - (weighted % 11)) % 11 === digits[9];
}
