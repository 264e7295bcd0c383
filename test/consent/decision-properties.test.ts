/** What holds for every decision whatever the facts: the properties of docs/consent-model.md section 4. */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { decideDisclosure } from '../../src/consent/decide-disclosure.ts';
import type {
  Consent,
  ConsentRule,
  Decision,
  DecisionInput,
  Override,
} from '../../src/consent/decision.ts';
import {
  consentStatuses,
  evidenceKinds,
  grantorTypes,
  orgTypes,
  sectionLabels,
} from '../../src/consent/vocabulary.ts';
import { at, dayMs } from './decision-builder.ts';

const names = ['identity', 'risks', 'plan', 'orders'];
const types = ['care-overview', 'hb-income-statement'];
const purposes = ['TREAT', 'BTG', 'ELIGDTRM', 'HRESCH', 'HLEGAL', 'HCOMPL'];
const orgs = ['X81001', 'X09SC'];
const runs = { numRuns: 3000 };

const some = (words: readonly string[]) => fc.option(fc.subarray([...words]), { nil: undefined });
const often = fc.oneof({ arbitrary: fc.constant(true), weight: 5 }, fc.boolean());
const instant = fc.integer({ min: -9, max: 9 }).map((days) => at + days * dayMs);

const rule: fc.Arbitrary<ConsentRule> = fc.record({
  type: fc.constantFrom('permit', 'permit', 'deny'),
  recordTypes: some(types),
  purposes: some([...purposes, 'individual-care']),
  actors: some(orgs),
  sections: some(names),
  includesEmergency: fc.boolean(),
});

const optional = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const record: fc.Arbitrary<Omit<Consent, 'id'>> = fc.record({
  status: fc.constantFrom('active', 'active', 'active', ...consentStatuses),
  period: fc.record({ start: instant.map((start) => start - 7 * dayMs), end: optional(instant) }),
  withdrawnAt: optional(instant),
  supersedes: optional(fc.constantFrom('k0', 'k1')),
  grantor: fc.record({
    type: fc.constantFrom('person', 'person', 'person', ...grantorTypes),
    revoked: fc.boolean(),
    ref: fc.constant('ref'),
  }),
  evidence: optional(
    fc.record({ kind: fc.constantFrom(...evidenceKinds), attestedAt: optional(instant) }),
  ),
  rules: fc.array(rule, { maxLength: 3 }),
});
const consents = fc
  .array(record, { maxLength: 3 })
  .map((records): Consent[] => records.map((content, index) => ({ id: `k${index}`, ...content })));

const text = fc.constantFrom('given', '');
const override: fc.Arbitrary<Override> = fc.oneof(
  fc.record({
    type: fc.constantFrom('court-order', 'statutory-duty'),
    ref: text,
    sections: some(names),
  }),
  fc.record({
    type: fc.constant('safeguarding'),
    authoriser: text,
    rationale: text,
    sections: some(names),
    abuseTypes: some(['financial', 'neglect']),
  }),
  fc.record({ type: fc.constant('break-glass'), justification: text }),
);

const question: fc.Arbitrary<DecisionInput> = fc
  .record({
    at: instant,
    requester: fc.record({
      org: fc.constantFrom(...orgs),
      orgType: fc.constantFrom(...orgTypes),
      role: fc.constantFrom('medic', 'clerk'),
      legitimateRelationship: often,
    }),
    purpose: fc.constantFrom('TREAT', ...purposes),
    recordType: fc.constantFrom(...types),
    requestedSections: some([...names, 'xrays']),
    labels: fc.tuple(...names.map(() => fc.constantFrom('N', ...sectionLabels))),
    person: fc.record({
      capacity: fc.constantFrom('has', 'lacks'),
      age: fc.constantFrom(15, 16, 80),
      deceased: often.map((alive) => !alive),
      pdsSecurity: optional(fc.constant('R')),
      nationalDataOptOut: fc.boolean(),
    }),
    consents,
    overrides: optional(fc.array(override, { maxLength: 2 })),
    policy: fc.record({
      agreement: often,
      implicit: fc.constantFrom('deny', 'basic-normal'),
      breakGlassRoles: fc.constant(['medic']),
      emergencySections: fc.subarray(names),
      roleSections: some(names),
    }),
  })
  .map(({ labels, overrides, ...input }) => ({
    ...input,
    overrides: overrides ?? [],
    record: {
      sections: names.map((name, index) => ({ name, label: labels[index] ?? 'V' })),
      explicitOnly: input.recordType === 'hb-income-statement',
    },
  }));

function holds<Ts>(t: Test, property: fc.IProperty<Ts>) {
  fc.assert(property, runs);
  t.pass(`for ${runs.numRuns} questions`);
}

const isSubset = (narrow: Decision, wide: Decision) =>
  narrow.includedSections.every((name) => wide.includedSections.includes(name));

t.test(
  'a permit never includes a section that was not asked, and every asked one is accounted for',
  async (t) => {
    const property = fc.property(question, (input) => {
      const { decision, includedSections, excludedSections } = decideDisclosure(input);
      const requested = input.requestedSections?.length ? input.requestedSections : names;
      const asked = names.filter((name) => requested.includes(name));
      const inOrder = asked.filter((name) => includedSections.includes(name));
      const withheld = asked.filter((name) => !includedSections.includes(name));
      const permits = decision.startsWith('PERMIT');
      return (
        permits === includedSections.length > 0 &&
        inOrder.join() === includedSections.join() &&
        Object.keys(excludedSections).join() === (permits ? withheld.join() : '')
      );
    });
    holds(t, property);
  },
);

t.test('the same facts give the same decision, and are left as they were', async (t) => {
  const property = fc.property(question, (input) => {
    const before = JSON.stringify(input);
    const decision = JSON.stringify(decideDisclosure(deepFreeze(input)));
    return (
      decision === JSON.stringify(decideDisclosure(structuredClone(input))) &&
      before === JSON.stringify(input)
    );
  });
  holds(t, property);
});

t.test(
  'adding a deny to a consent on file, or a new refusal, never widens what consent opens',
  async (t) => {
    const deny = rule.map((content): ConsentRule => ({ ...content, type: 'deny' }));
    const property = fc.property(
      question,
      deny,
      fc.nat({ max: 3 }),
      fc.nat({ max: 3 }),
      (asked, refusal, which, where) => {
        // Break-glass is tried exactly when consent opens nothing, so it is another question: see below.
        const input = {
          ...asked,
          overrides: asked.overrides.filter(({ type }) => type !== 'break-glass'),
        };
        const added = input.consents.map((content, index) =>
          index === which
            ? { ...content, rules: content.rules.toSpliced(where, 0, refusal) }
            : content,
        );
        const alone: Consent = {
          id: 'refusal',
          status: 'active',
          period: { start: 0 },
          grantor: { type: 'person' },
          rules: [refusal],
        };
        const before = decideDisclosure(input);
        return (
          isSubset(decideDisclosure({ ...input, consents: added }), before) &&
          isSubset(
            decideDisclosure({ ...input, consents: input.consents.toSpliced(where, 0, alone) }),
            before,
          )
        );
      },
    );
    holds(t, property);
  },
);

t.test('adding a deny to a break-glass request opens emergency sections at most', async (t) => {
  const property = fc.property(question, rule, (input, content) => {
    const refusal: Consent = {
      id: 'refusal',
      status: 'active',
      period: { start: 0 },
      grantor: { type: 'person' },
      rules: [{ ...content, type: 'deny' }],
    };
    const after = decideDisclosure({ ...input, consents: [...input.consents, refusal] });
    const emergency = after.includedSections.every((name) =>
      input.policy.emergencySections.includes(name),
    );
    return (
      isSubset(after, decideDisclosure(input)) ||
      (after.reasonCodes[0] === 'BREAK_GLASS' && emergency)
    );
  });
  holds(t, property);
});

t.test(
  'an explicit-only record leaves only by consent that names it, compulsion, or financial abuse',
  async (t) => {
    const income = question.map((input) => ({
      ...input,
      recordType: 'hb-income-statement',
      record: { ...input.record, explicitOnly: true },
    }));
    const property = fc.property(income, (input) => {
      const { basis, consentUsed } = decideDisclosure(input);
      const used = input.consents.find(({ id }) => id === consentUsed);
      switch (basis) {
        case null:
        case 'legal-obligation':
          return true;
        case 'explicit-consent':
          return (used?.rules ?? []).some(
            ({ type, recordTypes }) => type === 'permit' && recordTypes?.includes(input.recordType),
          );
        case 'safeguarding-public-interest':
          return input.overrides.some(
            (o) => o.type === 'safeguarding' && o.abuseTypes?.includes('financial'),
          );
        default:
          return false;
      }
    });
    holds(t, property);
  },
);

t.test('a consent withdrawn at an instant permits nothing from that instant on', async (t) => {
  const property = fc.property(question, fc.nat({ max: 20 * dayMs }), (input, laterMs) => {
    const used = decideDisclosure(input).consentUsed;
    const consents = input.consents.map((content) =>
      content.id === used ? { ...content, withdrawnAt: input.at } : content,
    );
    return (
      decideDisclosure({ ...input, consents, at: input.at + laterMs }).consentUsed !== used ||
      used === null
    );
  });
  holds(t, property);
});

t.test('the generated questions meet every kind of permit', async (t) => {
  const bases = new Set(
    fc.sample(question, runs.numRuns).map((input) => decideDisclosure(input).basis),
  );
  t.equal(bases.size, 6, 'five bases and none');
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
