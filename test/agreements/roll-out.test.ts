/** Agreements told in plain words, and what a roll-out would do. Pure: the commands' tests have the database. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import t from 'tap';
import { parseAgreementDocument } from '../../src/agreements/agreement-document.ts';
import { agreementDifferences } from '../../src/agreements/agreement-statements.ts';
import { agreementWarnings } from '../../src/agreements/agreement-warnings.ts';
import { planRollOut as plan } from '../../src/agreements/roll-out-agreement.ts';
import type { Activity, AgreementDocument } from '../../src/agreements/sharing-agreement.ts';
import { loadSchemaRegistry } from '../../src/records/schema-registry.ts';
import { agreement, auditor, centre, kinds } from '../support/builders.ts';

const schemasDir = fileURLToPath(new URL('../../schemas', import.meta.url));
const schemas = loadSchemaRegistry(schemasDir);
const examples = `${schemasDir}/agreement/examples`;
const everyMember = parseAgreementDocument(
  readFileSync(`${examples}/valid/every-member.json`, 'utf8'),
);

const at = Date.parse('2026-11-20T09:30:00Z');
const register = new Map(Object.entries(kinds));

function planRollOut(
  document: AgreementDocument,
  versions: Parameters<typeof plan>[1]['versions'] = [],
) {
  return plan(document, { versions, schemas, kinds: register, at });
}

function version(document: AgreementDocument, changes: { version?: number; endedAt?: Date } = {}) {
  return { id: document.id, version: 1, endedAt: null, document, ...changes };
}

/** Every way to say one thing less, or another text, somewhere in the document. */
function changesOf(value: unknown): unknown[] {
  if (Array.isArray(value)) {
    const shorter = value.map((_, i) => value.toSpliced(i, 1));
    return [
      ...shorter,
      ...value.flatMap((item, i) => changesOf(item).map((c) => value.with(i, c))),
    ];
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, member]) =>
      changesOf(member).map((changed) => ({ ...value, [name]: changed })),
    );
  }
  if (value === 'all') return [['person']];
  if (typeof value === 'string') return [`${value}x`];
  return typeof value === 'number' ? [value + 1] : [!value];
}

function isAgreement(value: unknown): value is AgreementDocument {
  return typeof value === 'object' && value !== null && 'parties' in value;
}

t.test('whatever changes in an agreement is said in words', async (t) => {
  const changed = changesOf(everyMember).filter(isAgreement);
  t.ok(changed.length > 60);
  for (const after of changed) {
    if (after.id !== everyMember.id) continue;
    const differences = agreementDifferences(everyMember, after);
    if (differences.length === 0) t.fail(JSON.stringify(after));
  }
  t.same(agreementDifferences(everyMember, everyMember), []);
  t.ok(agreementDifferences(undefined, everyMember).every((line) => line.startsWith('+ ')));
});

t.test('a change told backwards is the change undone', async () => {
  const any = fc.constantFrom(everyMember, ...changesOf(everyMember).filter(isAgreement));
  fc.assert(
    fc.property(any, any, (a, b) => {
      const there = agreementDifferences(a, b).map((line) => line.slice(1));
      const back = agreementDifferences(b, a).map((line) => line.slice(1));
      return there.toSorted().join() === back.toSorted().join();
    }),
  );
});

t.test('the same document, however its members are ordered, changes nothing', async (t) => {
  const document = agreement();
  const reordered = Object.fromEntries(Object.entries(document).reverse());
  const parsed = parseAgreementDocument(JSON.stringify(reordered));
  t.match(planRollOut(parsed, [version(document, { version: 4 })]), {
    kind: 'unchanged',
    version: 4,
  });
});

t.test('a new, a changed and an ended agreement each get the next version', async (t) => {
  const document = agreement();
  const next = (versions: Parameters<typeof planRollOut>[1]) => planRollOut(document, versions);
  t.match(next([]), { kind: 'change', version: 1 });
  t.match(next([version(agreement({ title: 'Before' }), { version: 7 })]), {
    kind: 'change',
    version: 8,
    differences: ['- it is called "Before"', '+ it is called "Care in the borough"'],
  });
  t.match(next([version(document, { endedAt: new Date() })]), { kind: 'change', version: 2 });
});

t.test('an agreement covers messages as it covers records', async (t) => {
  const covering = (section: string) =>
    planRollOut(
      agreement({
        recordTypes: [
          ...agreement().recordTypes,
          { recordType: 'referral', purposes: ['COC'], sections: [{ section }] },
        ],
      }),
    );
  t.match(covering('request'), { kind: 'change' });
  t.match(covering('diagnosis'), {
    kind: 'refused',
    faults: [{ pointer: '/recordTypes/2/sections/0/section', rule: 'known' }],
  });
});

t.test('two agreements never answer the same request', async (t) => {
  const other = agreement({ id: 'other' });
  const planned = (versions: Parameters<typeof planRollOut>[1]) =>
    planRollOut(agreement(), versions).kind;
  t.match(planRollOut(agreement(), [version(other)]), {
    kind: 'refused',
    faults: [{ pointer: '', rule: 'overlap' }],
  });
  t.equal(
    planned([version(other, { endedAt: new Date() })]),
    'change',
    'an ended one is in nobody’s way',
  );
  const later = { from: '2028-01-01T00:00:00Z', until: '2029-01-01T00:00:00Z' };
  t.equal(planned([version(agreement({ id: 'later', period: later }))]), 'change');
});

t.test('refuses files that are not agreements, by their examples', async (t) => {
  for (const name of readdirSync(`${examples}/invalid`)) {
    const text = readFileSync(`${examples}/invalid/${name}`, 'utf8');
    t.throws(() => parseAgreementDocument(text), { code: 'REQUEST_INVALID' }, name);
  }
  t.throws(() => parseAgreementDocument('{"id": 1'), { code: 'JSON_MALFORMED' });
});

t.test('an agreement that names what does not exist is refused, name by name', async (t) => {
  const base = agreement();
  const [summary, ...others] = base.recordTypes;
  const wrong = agreement({
    period: { from: '2028-01-01T00:00:00Z', until: '2027-01-01T00:00:00Z' },
    parties: [{ odsCode: 'X09SC', may: ['publish'], recordTypes: ['no-such-type'] }],
    recordTypes: [
      { ...Object(summary), hiddenSections: ['bogus'], emergencySections: ['equipment'] },
      ...others,
    ],
    roles: { gp: { 'social-care-summary': ['person', 'bogus'], 'no-such-type': 'all' } },
    breakGlassRoles: ['wizard'],
  });
  const refused = planRollOut(wrong);
  t.strictSame(
    refused.kind === 'refused' && refused.faults.map(({ pointer, rule }) => `${pointer} ${rule}`),
    [
      '/period/until order',
      '/recordTypes/0/hiddenSections/0 known',
      '/recordTypes/0/emergencySections/0 covered',
      '/parties/0/recordTypes/0 covered',
      '/roles/gp/social-care-summary/1 covered',
      '/roles/gp/no-such-type covered',
      '/breakGlassRoles/0 covered',
    ],
  );
});

function faultsOf(changes: Partial<AgreementDocument>) {
  const planned = planRollOut(agreement(changes));
  return planned.kind === 'refused'
    ? planned.faults.map(({ pointer, rule }) => `${pointer} ${rule}`)
    : planned.kind;
}

t.test(
  'a party that is not in the register is refused, so no typing mistake shuts one out',
  async (t) => {
    const { parties } = agreement();
    const mistyped = parties.map((party, i) => (i === 1 ? { ...party, odsCode: 'X09BH' } : party));
    t.strictSame(faultsOf({ parties: mistyped }), ['/parties/1/odsCode known']);
    t.equal(faultsOf({ parties }), 'change');
  },
);

t.test('an auditor may audit and nothing else, and nobody else may', async (t) => {
  const may = (odsCode: string, ...activities: readonly Activity[]) =>
    faultsOf({ parties: [{ odsCode, may: activities }] });
  t.equal(may(auditor, 'audit'), 'change');
  t.strictSame(may(auditor, 'audit', 'publish', 'pull'), [
    '/parties/0/may/1 kind',
    '/parties/0/may/2 kind',
  ]);
  t.strictSame(may(centre, 'pull', 'audit'), ['/parties/0/may/1 kind']);
  t.equal(may(centre, 'pull', 'receive', 'publish'), 'change');
});

t.test('what stands twice is refused, since only the last would count', async (t) => {
  const { parties, recordTypes } = agreement();
  t.strictSame(faultsOf({ parties: [...parties, { odsCode: centre, may: ['receive'] }] }), [
    `/parties/${parties.length}/odsCode unique`,
  ]);
  const [summaries, ...others] = recordTypes;
  if (!summaries) throw new Error('nothing is covered');
  t.strictSame(faultsOf({ recordTypes: [...recordTypes, summaries] }), [
    `/recordTypes/${recordTypes.length}/recordType unique`,
  ]);
  const twice = [...summaries.sections, { section: 'person', lawfulBasis: 'another' }];
  t.strictSame(faultsOf({ recordTypes: [{ ...summaries, sections: twice }, ...others] }), [
    `/recordTypes/0/sections/${twice.length - 1}/section unique`,
  ]);
});

t.test('an agreement whose time is over is refused, one that begins later is not', async (t) => {
  const period = (from: string, until: string) => faultsOf({ period: { from, until } });
  const now = new Date(at).toISOString();
  t.strictSame(period('2026-01-01T00:00:00Z', now), ['/period/until period']);
  t.equal(period('2026-01-01T00:00:00Z', new Date(at + 1).toISOString()), 'change');
  t.equal(period('2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z'), 'change');
});

t.test(
  'no new version of what says the same in other words, but for an order that matters',
  async (t) => {
    const document = agreement();
    const next = (changes: Partial<AgreementDocument>) =>
      planRollOut(agreement(changes), [version(document)]);
    t.match(next({ parties: document.parties.toReversed() }), { kind: 'unchanged', version: 1 });
    t.match(next({ traceFreshnessDays: 90, implicitPolicy: 'deny' }), { kind: 'unchanged' });
    const recordTypes = document.recordTypes.map((type) => ({
      ...type,
      purposes: type.purposes.toReversed(),
    }));
    t.match(next({ recordTypes }), {
      kind: 'change',
      differences: [
        /^- .* for the first that permits of TREAT, BTG$/,
        /^-/,
        /^\+ .*BTG, TREAT$/,
        /^\+/,
      ],
    });
  },
);

t.test('an agreement of before, with a party twice, is told as it counts', async (t) => {
  const twice = { odsCode: centre, may: ['receive' as const] };
  const { parties } = agreement();
  const before = agreement({ parties: [...parties, twice] });
  const mended = agreement({
    parties: [...parties.filter((one) => one.odsCode !== centre), twice],
  });
  t.strictSame(agreementDifferences(before, mended), []);
  t.ok(agreementDifferences(before, agreement()).includes(`+ ${centre} may pull`));
});

t.test('warns of what is gained by leaving the user assertion out', async (t) => {
  const roles = (system: readonly string[] | 'all', gp: readonly string[] | 'all') => ({
    system: { 'social-care-summary': system },
    gp: { 'social-care-summary': gp },
  });
  const [base] = agreement().recordTypes;
  const recordTypes = base ? [base] : [];
  const warned = (changes: Partial<AgreementDocument>) =>
    agreementWarnings(agreement({ recordTypes, breakGlassRoles: [], ...changes }));
  t.match(warned({ roles: roles(['person', 'alerts'], ['person']) }), [
    /^who asks as gp sees more of social-care-summary .* system reads alerts and gp does not/,
  ]);
  t.match(warned({ roles: roles('all', []) }), [/system reads person, localAuthority, alerts/]);
  t.match(warned({ roles: { ...roles('all', 'all'), clerk: {} } }), [/as clerk/]);
  for (const [system, gp] of [
    [['person'], ['person']],
    [['person'], 'all'],
    [[], ['person']],
  ] as const) {
    t.strictSame(warned({ roles: roles(system, gp) }), []);
  }
  t.strictSame(warned({ roles: { gp: {}, clerk: { 'social-care-summary': 'all' } } }), []);
  t.strictSame(warned({ roles: roles('all', []), userAssertion: 'required' }), []);
});
