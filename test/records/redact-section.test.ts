/** Redaction cuts what the schema names, and leaves every other character as the publisher sent it. */
import * as fc from 'fast-check';
import t from 'tap';
import type { RedactionTarget, SectionDefinition } from '../../src/records/record-schema.ts';
import { redactSection } from '../../src/records/redact-section.ts';

const nhsNumber = 'https://fhir.nhs.uk/Id/nhs-number';

function target(
  redaction: RedactionTarget['redaction'],
  pointer: string,
  where: Record<string, string> = {},
): RedactionTarget {
  return { redaction, pointer, path: pointer.split('/').slice(1), where };
}

const section: SectionDefinition = {
  name: 'person',
  label: 'N',
  cardinality: 'object',
  targets: [
    target('location', '/address'),
    target('location', '/telecom'),
    target('location', '/carers/*/telecom'),
    target('nhsNumber', '/identifiers/*', { system: nhsNumber }),
    target('nhsNumber', '/carers/*/nhsNumber'),
  ],
};

function located(text: string): string {
  return redactSection(text, section, ['location']).text;
}

t.test('cuts a member with one comma, wherever it stands', async (t) => {
  t.equal(located('{"address":{"lines":["1"]},"a":1}'), '{"a":1}');
  t.equal(located('{"a":1,"address":null}'), '{"a":1}');
  t.equal(located('{"a":1,"address":"x","b":2}'), '{"a":1,"b":2}');
  t.equal(located('{"address":"x"}'), '{}');
  t.equal(located('{"address":"x","telecom":[]}'), '{}');
  t.equal(located('{"address":"x","a":1,"telecom":[]}'), '{"a":1}');
  t.equal(located('{"a":1,"address":"x","telecom":[],"b":2}'), '{"a":1,"b":2}');
  t.equal(located('{"a":1,"address":"x","telecom":[]}'), '{"a":1}');
});

t.test('keeps numbers, escapes, order and white space as they came', async (t) => {
  t.equal(
    located('{ "z" : 1.50e1 ,\n  "address" : "gone" ,\n  "caf\\u00e9" : "\\/" }'),
    '{ "z" : 1.50e1 ,\n  "caf\\u00e9" : "\\/" }',
  );
});

t.test('cuts a member whose name is spelled with escapes', async (t) => {
  t.equal(located('{"\\u0061ddress":"x","a":1}'), '{"a":1}');
});

t.test('cuts the NHS number from the identifiers, and leaves the others', async (t) => {
  const text = `{"identifiers":[{"system":"urn:local","value":"7"},{"system":"${nhsNumber}","value":"9"}]}`;
  t.same(redactSection(text, section, ['nhsNumber']), {
    text: '{"identifiers":[{"system":"urn:local","value":"7"}]}',
    cut: [{ pointer: '/identifiers/*', reason: 'nhsNumber' }],
  });
});

t.test('cuts rather than leaks where the system is missing or spelled oddly', async (t) => {
  for (const identifier of [
    '{"value":"9"}',
    `{"system":" ${nhsNumber.toUpperCase()} ","value":"9"}`,
    '{"system":null,"value":"9"}',
    '"9"',
  ]) {
    const text = `{"identifiers":[${identifier}]}`;
    t.equal(redactSection(text, section, ['nhsNumber']).text, '{"identifiers":[]}', identifier);
  }
});

t.test('cuts in each entry of a section that is an array', async (t) => {
  const list: SectionDefinition = { ...section, cardinality: 'array' };
  t.same(redactSection('[{"address":1,"a":1},{"a":2},{"a":3,"address":3}]', list, ['location']), {
    text: '[{"a":1},{"a":2},{"a":3}]',
    cut: [{ pointer: '/address', reason: 'location' }],
  });
});

t.test('says what was cut, as the schema names it, and only that', async (t) => {
  const text = '{"address":1,"carers":[{"telecom":1,"nhsNumber":2},{"telecom":3}]}';
  t.same(redactSection(text, section, ['nhsNumber', 'location']), {
    text: '{"carers":[{},{}]}',
    cut: [
      { pointer: '/address', reason: 'location' },
      { pointer: '/carers/*/telecom', reason: 'location' },
      { pointer: '/carers/*/nhsNumber', reason: 'nhsNumber' },
    ],
  });
  t.same(redactSection(text, section, []), { text, cut: [] });
});

t.test('leaves a section alone whose shape the pointers do not fit', async (t) => {
  for (const text of ['{}', '[]', '{"carers":{"telecom":1}}', '{"identifiers":"x"}', '1']) {
    t.equal(redactSection(text, section, ['location', 'nhsNumber']).text, text, text);
  }
});

/** The same cut on the parsed value: what redaction must amount to. */
function cutFrom(value: unknown, path: readonly string[]): unknown {
  const [head, ...rest] = path;
  if (Array.isArray(value)) {
    if (head !== '*') return value;
    return rest.length === 0 ? [] : value.map((element) => cutFrom(element, rest));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, held]) => {
      if (name !== head) return [[name, held]];
      return rest.length === 0 ? [] : [[name, cutFrom(held, rest)]];
    }),
  );
}

const names = ['a', 'b', 'c', 'd'];
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.double({ noNaN: true })),
    fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 4 }),
    fc.array(tie('tree'), { maxLength: 4 }),
  ),
}));
const paths = fc.array(fc.array(fc.constantFrom(...names, '*'), { minLength: 1, maxLength: 4 }), {
  maxLength: 4,
});

function sectionCutting(list: readonly (readonly string[])[]): SectionDefinition {
  const targets = list.map((path) => target('location', `/${path.join('/')}`));
  return { name: 'any', label: 'N', cardinality: 'object', targets };
}

t.test(
  'amounts to cutting the members from the value, and doing it again does nothing',
  async (t) => {
    const objects = fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 4 });
    fc.assert(
      fc.property(objects, paths, fc.nat(2), (value, list, indent) => {
        const text = JSON.stringify(value, null, indent);
        const definition = sectionCutting(list);
        const once = redactSection(text, definition, ['location']);
        const expected = list.reduce(cutFrom, JSON.parse(text));
        t.equal(JSON.stringify(JSON.parse(once.text)), JSON.stringify(expected));
        t.equal(once.text === text, once.cut.length === 0);
        t.same(redactSection(once.text, definition, ['location']), { text: once.text, cut: [] });
      }),
      { numRuns: 500 },
    );
  },
);

t.test('keeps the text of every member that is not cut', async (t) => {
  const objects = fc.dictionary(fc.constantFrom(...names), tree, { maxKeys: 4 });
  fc.assert(
    fc.property(objects, fc.constantFrom(...names), (value, name) => {
      const spaced = (held: unknown): string => JSON.stringify(held, null, 1);
      const members = Object.entries(value).map(([key, held]) => [
        key,
        `"${key}" :\t${spaced(held)}`,
      ]);
      const text = `{ ${members.map(([, member]) => member).join(' ,\n')} }`;
      const { text: redacted } = redactSection(text, sectionCutting([[name]]), ['location']);
      for (const [key, member = ''] of members) {
        if (key !== name) t.ok(redacted.includes(member));
      }
    }),
    { numRuns: 200 },
  );
});
