/**
 * One question: what does a decision cost? Typical shapes on one core; the decision runs under the
 * ledger's lock, once for each request of a pool, so it must stay a small part of a disclosure.
 * `node bench/decide.ts`, about two seconds.
 */
import { systemClock } from '../src/clock.ts';
import { decideDisclosure } from '../src/consent/decide-disclosure.ts';
import type { Consent, ConsentRule, DecisionInput } from '../src/consent/decision.ts';

const at = Date.UTC(2027, 2, 8);
const measuredMs = 400;
const batch = 1000;

const sections = Array.from({ length: 16 }, (_, index) => ({
  name: `section${index}`,
  label: index < 14 ? ('N' as const) : ('R' as const),
}));

function consent(id: string, rules: readonly ConsentRule[], withdrawnAt?: number): Consent {
  return {
    id,
    status: 'active',
    period: { start: 0 },
    withdrawnAt,
    grantor: { type: 'person' },
    rules,
  };
}

const care: ConsentRule = {
  type: 'permit',
  recordTypes: ['social-care-summary'],
  purposes: ['individual-care'],
};
const denyOne: ConsentRule = { type: 'deny', sections: ['section3'] };

const plain: DecisionInput = {
  at,
  requester: {
    org: 'X81001',
    orgType: 'nhs-health-centre',
    role: 'gp',
    user: 'u',
    legitimateRelationship: true,
  },
  purpose: 'TREAT',
  recordType: 'social-care-summary',
  record: { sections, explicitOnly: false },
  person: {
    capacity: 'has',
    age: 70,
    identity: { checkDigit: true, dobMatch: true, status: '01' },
  },
  consents: [consent('k1', [care])],
  overrides: [],
  policy: {
    agreement: true,
    implicit: 'deny',
    breakGlassRoles: ['gp'],
    emergencySections: sections.slice(0, 9).map(({ name }) => name),
  },
};

const shapes: Readonly<Record<string, DecisionInput>> = {
  'one consent, 16 sections': plain,
  'three asked sections, role row': {
    ...plain,
    requestedSections: ['section0', 'section3', 'section9'],
    policy: { ...plain.policy, roleSections: ['section0', 'section3'] },
  },
  'five consents, eight rules': {
    ...plain,
    consents: [
      consent('k1', [care, denyOne], at),
      consent('k2', [care, { ...care, actors: ['X81002'] }]),
      consent('k3', [{ ...denyOne, actors: ['X81001'] }]),
      consent('k4', [{ type: 'permit', sections: ['section15'] }, care]),
      consent('k5', [care], at),
    ],
  },
  'nothing on file': { ...plain, consents: [] },
  'break-glass': {
    ...plain,
    purpose: 'BTG',
    consents: [consent('k1', [{ type: 'deny' }])],
    overrides: [{ type: 'break-glass', justification: 'collapsed' }],
  },
};

/** Microseconds for one decision; the count keeps the results alive, so that nothing is optimised away. */
function measure(input: DecisionInput): number {
  let decided = 0;
  const startMs = systemClock.monotonicMs();
  while (systemClock.monotonicMs() - startMs < measuredMs) {
    for (let i = 0; i < batch; i++)
      decided += decideDisclosure(input).obligations.length > 0 ? 1 : 0;
  }
  return ((systemClock.monotonicMs() - startMs) * 1000) / decided;
}

for (const input of Object.values(shapes)) for (let i = 0; i < batch; i++) decideDisclosure(input);
for (const [name, input] of Object.entries(shapes)) {
  const us = measure(input);
  const perSecond = Math.round(1e6 / us).toLocaleString('en-GB');
  process.stdout.write(
    `${name.padEnd(32)}${us.toFixed(2).padStart(7)} µs${perSecond.padStart(12)} decisions/s\n`,
  );
}
