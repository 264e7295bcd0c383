/** A borough's ordinary question, to be varied by one fact at a time. */
import type { Consent, ConsentRule, DecisionInput, Requester } from '../../src/consent/decision.ts';

export const at = Date.UTC(2027, 2, 8, 9, 30);
export const dayMs = 24 * 60 * 60 * 1000;

export const nurse: Requester = {
  org: 'X81001',
  orgType: 'nhs-health-centre',
  role: 'practice-nurse',
  user: 'u-1',
  legitimateRelationship: true,
};

export const doctor: Requester = {
  ...nurse,
  org: 'XRH01',
  orgType: 'nhs-hospital',
  role: 'ed-consultant',
};

export function consent(rules: readonly ConsentRule[], changes: Partial<Consent> = {}): Consent {
  return {
    id: 'k1',
    status: 'active',
    period: { start: at - 100 * dayMs },
    grantor: { type: 'person' },
    rules,
    ...changes,
  };
}

/** Without changes: the whole care overview, for treatment, nothing on file. */
export function question(changes: Partial<DecisionInput> = {}): DecisionInput {
  return {
    at,
    requester: nurse,
    purpose: 'TREAT',
    recordType: 'care-overview',
    record: {
      sections: [
        { name: 'identity', label: 'N' },
        { name: 'risks', label: 'N' },
        { name: 'courtOrders', label: 'R' },
        { name: 'crisis', label: 'V' },
      ],
      explicitOnly: false,
    },
    person: { identity: { checkDigit: true, dobMatch: true, status: '01' } },
    consents: [],
    overrides: [],
    policy: {
      agreement: true,
      implicit: 'deny',
      breakGlassRoles: ['ed-consultant'],
      emergencySections: ['identity', 'risks', 'courtOrders'],
    },
    ...changes,
  };
}
