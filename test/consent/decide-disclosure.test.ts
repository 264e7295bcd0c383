/** The order of the decision's steps and the corners of each; the plain cases are in test/vectors/consent. */
import t from 'tap';
import { decideDisclosure } from '../../src/consent/decide-disclosure.ts';
import type { DecisionInput, Override } from '../../src/consent/decision.ts';
import { at, consent, dayMs, doctor, nurse, question } from './decision-builder.ts';

const order: Override = { type: 'court-order', ref: 'FC-1', sections: ['risks'] };
const safeguarding: Override = {
  type: 'safeguarding',
  authoriser: 'lead-1',
  rationale: 'enquiry',
  sections: ['risks', 'crisis'],
};
const glass: Override = { type: 'break-glass', justification: 'collapsed' };
const permits = consent([{ type: 'permit' }]);

const code = (changes: Partial<DecisionInput>) =>
  decideDisclosure(question(changes)).reasonCodes[0];

t.test('the first step that decides wins', async (t) => {
  const everything: Partial<DecisionInput> = {
    overrides: [order, safeguarding],
    consents: [permits],
    person: { deceased: true },
    requester: { ...nurse, orgType: 'auditor' },
  };
  t.equal(
    code({ ...everything, policy: { ...question().policy, agreement: false } }),
    'NO_SHARING_AGREEMENT',
  );
  t.equal(code(everything), 'COURT_ORDER', 'a court order stands before auditors and after death');
  t.equal(code({ ...everything, overrides: [safeguarding] }), 'AUDIT_TRAIL_ONLY');
  t.equal(code({ ...everything, overrides: [safeguarding], requester: nurse }), 'PERSON_DECEASED');
  t.equal(code({ consents: [permits], overrides: [safeguarding, order] }), 'COURT_ORDER');
  t.equal(code({ consents: [permits], overrides: [safeguarding, glass] }), 'SAFEGUARDING_OVERRIDE');
  t.equal(code({ consents: [permits], overrides: [glass], requester: doctor }), 'EXPLICIT_CONSENT');
});

t.test('nobody authorises their own access, by whatever way they write themselves', async (t) => {
  const asked = (authoriser: string, user: { user?: string | undefined; userName?: string }) =>
    code({ overrides: [{ ...safeguarding, authoriser }], requester: { ...nurse, ...user } });
  const anne = { user: 'u-1', userName: 'Dr Zo\u00eb Gro\u00df' };
  for (const authoriser of [
    ...[
      'u-1',
      ' U-1 ',
      '\uff35-1',
      'Dr Zo\u00eb Gro\u00df',
      'dr  zoe\u0308 gross',
      'DR\u00a0ZO\u00cb GROSS',
    ],
    'Dr Zo\u00eb\u200b Gro\u00df',
    'Dr Zo\u00eb Gro\u00df\u0001',
    'u-1\u0007',
    'Dr\u2800Zo\u00eb\u3164Gro\u00df\u{16fe4}',
    // nothing that anybody reads
    '\u200b',
    '\u2800',
  ]) {
    t.equal(asked(authoriser, anne), 'OVERRIDE_INCOMPLETE', JSON.stringify(authoriser));
  }
  for (const authoriser of ['u-11', 'Dr Zo\u00eb Grossmann', 'lead-1']) {
    t.equal(asked(authoriser, anne), 'SAFEGUARDING_OVERRIDE', authoriser);
  }
  t.equal(
    asked('u-1', { user: undefined }),
    'SAFEGUARDING_OVERRIDE',
    'whoever has no name is told from nobody here',
  );
});

t.test(
  'refuses identity facts that are not all there, and admits those checked elsewhere',
  async (t) => {
    const withIdentity = (identity: DecisionInput['person']['identity']) =>
      code({ consents: [permits], person: { identity } });
    t.equal(withIdentity({}), 'IDENTITY_UNVERIFIED');
    t.equal(withIdentity({ status: '01' }), 'IDENTITY_UNVERIFIED');
    t.equal(withIdentity({ checkDigit: true, status: '01' }), 'IDENTITY_UNVERIFIED');
    t.equal(withIdentity({ checkDigit: false }), 'IDENTITY_INVALID');
    t.equal(withIdentity(undefined), 'EXPLICIT_CONSENT');
  },
);

t.test('a refusal carries nothing that a permit would', async (t) => {
  t.same(decideDisclosure(question({ person: { pdsSecurity: 'R', objectsToNhsNumber: true } })), {
    decision: 'DENY',
    basis: null,
    includedSections: [],
    excludedSections: {},
    redactions: [],
    reasonCodes: ['NO_CONSENT_ON_FILE'],
    obligations: ['AUDIT'],
    consentUsed: null,
    httpStatus: 403,
  });
});

t.test('hides the location of a person whose PDS code it does not know', async (t) => {
  const permitFor = (pdsSecurity: string) =>
    decideDisclosure(
      question({ consents: [permits], requestedSections: ['risks'], person: { pdsSecurity } }),
    );
  t.same(permitFor('V').redactions, ['location']);
  t.equal(permitFor('V').decision, 'PERMIT_FILTERED', 'a redacted answer is a filtered one');
  t.equal(permitFor('U').decision, 'PERMIT');
});

t.test(
  'the override fault that is told is the first of compulsion, safeguarding, break-glass',
  async (t) => {
    const income: Partial<DecisionInput> = {
      record: { ...question().record, explicitOnly: true },
      recordType: 'hb-income-statement',
      requester: doctor,
    };
    const faultyOrder: Override = { type: 'statutory-duty', sections: ['risks'] };
    t.equal(code({ ...income, overrides: [glass] }), 'BREAK_GLASS_NOT_APPLICABLE');
    t.equal(code({ ...income, overrides: [glass, safeguarding] }), 'OVERRIDE_NOT_APPLICABLE');
    t.equal(
      code({ ...income, overrides: [glass, safeguarding, faultyOrder] }),
      'OVERRIDE_INCOMPLETE',
    );
    const stranger = { ...nurse, legitimateRelationship: false };
    t.equal(
      code({ overrides: [glass], requester: stranger }),
      'BREAK_GLASS_ROLE',
      'before the relationship',
    );
  },
);

t.test('a safeguarding authoriser is somebody else than the requester', async (t) => {
  const by = (authoriser: string, user: string | undefined) =>
    code({ overrides: [{ ...safeguarding, authoriser }], requester: { ...nurse, user } });
  t.equal(by('u-1', 'u-1'), 'OVERRIDE_INCOMPLETE');
  t.equal(by(' u-1 ', 'u-1'), 'OVERRIDE_INCOMPLETE');
  t.equal(by('u-2', 'u-1'), 'SAFEGUARDING_OVERRIDE');
  t.equal(by('u-2', undefined), 'SAFEGUARDING_OVERRIDE');
});

t.test(
  'break-glass tries every override and needs the role, the purpose and no dissent',
  async (t) => {
    const blank: Override = { type: 'break-glass', justification: ' ' };
    const stranger = { ...doctor, legitimateRelationship: false };
    t.equal(code({ requester: stranger, overrides: [blank, glass] }), 'BREAK_GLASS');
    t.equal(
      code({ requester: { ...stranger, role: 'system' }, overrides: [glass] }),
      'BREAK_GLASS_ROLE',
    );
    const dissent = (changes: object) =>
      consent([{ type: 'deny', includesEmergency: true, ...changes }]);
    const over = (changes: object) =>
      code({ requester: stranger, overrides: [glass], consents: [dissent(changes)] });
    t.equal(over({}), 'DISSENT_INCLUDES_EMERGENCY');
    t.equal(over({ includesEmergency: false }), 'BREAK_GLASS');
    t.equal(
      over({ actors: ['X81002'] }),
      'BREAK_GLASS',
      'a dissent against another organisation does not reach',
    );
    t.equal(over({ type: 'permit' }), 'BREAK_GLASS', 'a permit dissents from nothing');
  },
);

t.test(
  'a dissent of a representative who is left out does not stand against break-glass',
  async (t) => {
    const grantor = { type: 'lpa-health-welfare' as const };
    const dissent = consent([{ type: 'deny', includesEmergency: true }], { id: 'k2', grantor });
    const ask = (own: boolean) =>
      code({
        requester: { ...doctor, legitimateRelationship: false },
        overrides: [glass],
        person: { capacity: 'lacks' },
        consents: own ? [permits, dissent] : [dissent],
      });
    t.equal(ask(false), 'DISSENT_INCLUDES_EMERGENCY');
    t.equal(ask(true), 'BREAK_GLASS');
  },
);

t.test(
  'an implied permit of nothing is a refusal, and the glass is not tried after it',
  async (t) => {
    const implicit = { ...question().policy, implicit: 'basic-normal' as const };
    const asked = { policy: implicit, requestedSections: ['courtOrders'], requester: doctor };
    t.equal(code({ ...asked, overrides: [glass] }), 'NOTHING_LEFT_AFTER_FILTER');
  },
);

t.test(
  'a role without a row is bounded by the agreement alone, an empty row by everything',
  async (t) => {
    const withRow = (roleSections: readonly string[] | undefined) =>
      decideDisclosure(
        question({ consents: [permits], policy: { ...question().policy, roleSections } }),
      );
    t.same(withRow(undefined).includedSections, ['identity', 'risks']);
    t.same(
      withRow(['risks', 'crisis']).includedSections,
      ['risks'],
      'a row opens nothing that consent did not',
    );
    t.same(withRow(['risks']).excludedSections, {
      identity: 'MINIMUM_NECESSARY',
      courtOrders: 'SENSITIVITY_LABEL',
      crisis: 'SENSITIVITY_LABEL',
    });
    t.equal(withRow([]).reasonCodes[0], 'NOTHING_LEFT_AFTER_FILTER');
  },
);

t.test(
  'the consent used is that of the first section left after the role took its share',
  async (t) => {
    const consents = [
      consent([{ type: 'permit', sections: ['identity'] }]),
      consent([{ type: 'permit' }], { id: 'k2' }),
    ];
    const ask = (roleSections?: readonly string[]) =>
      decideDisclosure(question({ consents, policy: { ...question().policy, roleSections } }))
        .consentUsed;
    t.equal(ask(), 'k1');
    t.equal(ask(['risks']), 'k2');
  },
);

t.test('an empty list in a rule narrows nothing, as an absent one', async (t) => {
  const empty = { recordTypes: [], purposes: [], actors: [], sections: [] };
  const whole = question({ consents: [permits] });
  t.same(
    decideDisclosure(question({ consents: [consent([{ type: 'permit', ...empty }])] })),
    decideDisclosure(whole),
  );
  t.same(decideDisclosure({ ...whole, requestedSections: [] }), decideDisclosure(whole));
  t.equal(code({ consents: [consent([{ type: 'deny', ...empty }])] }), 'CONSENT_DENY');
});

t.test('a malformed consent permits nothing', async (t) => {
  const start = at - dayMs;
  const never = Number.NaN;
  const only = (changes: object) => code({ consents: [consent([{ type: 'permit' }], changes)] });
  t.equal(only({ period: { start: never } }), 'CONSENT_NOT_YET_VALID');
  t.equal(only({ period: { start, end: never } }), 'CONSENT_EXPIRED');
  t.equal(only({ withdrawnAt: never }), 'CONSENT_WITHDRAWN');
  t.equal(
    only({ evidence: { kind: 'attested-pending', attestedAt: never } }),
    'CONSENT_EVIDENCE_OVERDUE',
  );
  t.equal(only({ status: 'draft' }), 'CONSENT_NOT_ACTIVE');
  t.equal(only({ grantor: { type: 'neighbour' } }), 'REPRESENTATIVE_AUTHORITY_INVALID');
  t.equal(only({ supersedes: 'k1' }), 'CONSENT_SUPERSEDED', 'one that replaces itself');
  t.equal(
    only({ rules: JSON.parse('[{"type":"allow"}]') }),
    'CONSENT_DENY',
    'what is not a permit is a deny',
  );
  t.equal(
    code({ at: never, consents: [permits] }),
    'CONSENT_NOT_YET_VALID',
    'an instant that is none',
  );
});
