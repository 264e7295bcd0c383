/** What tests send: small, valid, fictitious. Overridden where a test is about a difference. */
import type { AgreementDocument } from '../../src/agreements/sharing-agreement.ts';
import type { ConsentRequest } from '../../src/consent/consent-record.ts';
import type { OrgType } from '../../src/consent/decision.ts';
import type { TraceRequest } from '../../src/exchange/traced-identity.ts';

export const council = 'X09SC';
export const benefits = 'X09HB';
export const centre = 'X81001';
export const otherCentre = 'X81002';
export const thirdCentre = 'X81003';
export const hospital = 'XRH01';
export const auditor = 'X09AU';

export const kinds: Readonly<Record<string, OrgType>> = {
  [council]: 'la-social-care',
  [benefits]: 'la-housing-benefit',
  [centre]: 'nhs-health-centre',
  [otherCentre]: 'nhs-health-centre',
  [thirdCentre]: 'nhs-health-centre',
  [hospital]: 'nhs-hospital',
  [auditor]: 'auditor',
};

const recordTypes = ['social-care-summary', 'hb-income-statement'];

const summarySections = [
  'person',
  'localAuthority',
  'alerts',
  'servicesAndCare',
  'accommodation',
  'legalInformation',
  'safeguarding',
];

const statementSections = ['claim', 'household', 'earnings', 'housingCosts', 'award'];

export function agreement(changes: Partial<AgreementDocument> = {}): AgreementDocument {
  return {
    id: 'borough-care',
    title: 'Care in the borough',
    period: { from: '2026-01-01T00:00:00Z', until: '2028-01-01T00:00:00Z' },
    lawfulBasis: { article6: '6(1)(e)', article9: '9(2)(h)' },
    parties: [
      {
        odsCode: council,
        may: ['publish', 'pull', 'register', 'record-facts', 'record-consent', 'record-overrides'],
      },
      { odsCode: benefits, may: ['publish', 'register', 'record-facts', 'record-consent'] },
      { odsCode: centre, may: ['pull', 'attest-consent', 'record-overrides'] },
      { odsCode: otherCentre, may: ['pull', 'attest-consent', 'record-overrides'] },
      { odsCode: auditor, may: ['audit'] },
    ],
    recordTypes: [
      {
        recordType: 'social-care-summary',
        purposes: ['TREAT', 'BTG'],
        sections: summarySections.map((section) => ({ section })),
        emergencySections: ['person', 'alerts'],
      },
      {
        recordType: 'hb-income-statement',
        purposes: ['TREAT', 'ELIGDTRM'],
        sections: statementSections.map((section) => ({ section })),
      },
    ],
    roles: {
      system: Object.fromEntries(recordTypes.map((type) => [type, 'all' as const])),
      gp: Object.fromEntries(recordTypes.map((type) => [type, 'all' as const])),
      receptionist: { 'social-care-summary': ['person', 'alerts'] },
    },
    breakGlassRoles: ['gp'],
    ...changes,
  };
}

export function identity(changes: Partial<TraceRequest> = {}): TraceRequest {
  return {
    nhsNumber: '9990000018',
    birthDate: '1948-03-02',
    familyName: "O'Neill",
    relationship: { kind: 'registered' },
    ...changes,
  };
}

export function registration(changes: Partial<TraceRequest> = {}): TraceRequest {
  return identity({ register: true, nhsNumberStatus: '01', ...changes });
}

export const ordinaryFacts = {
  capacity: 'has',
  pdsSecurity: 'U',
  objectsToNhsNumber: false,
  nationalDataOptOut: false,
};

export function consent(changes: Partial<ConsentRequest> = {}): ConsentRequest {
  return {
    period: { start: '2026-01-01T00:00:00Z', end: '2027-12-31T00:00:00Z' },
    grantor: { type: 'person' },
    evidence: { kind: 'signed-form', reference: 'SF-1' },
    rules: [
      { type: 'permit', recordTypes: ['social-care-summary'], purposes: ['individual-care'] },
    ],
    ...changes,
  };
}

/** Of whom a document is about: the one of `identity`, or another with that birth date and name. */
export interface DocumentSubject {
  nhsNumber?: string;
  birthDate?: string;
}

/** The section `person` of any document; without a number where none is said. */
export function personSection({ nhsNumber, birthDate }: DocumentSubject = {}) {
  const system = 'https://fhir.nhs.uk/Id/nhs-number';
  return {
    ...(nhsNumber !== undefined && { identifiers: [{ system, value: nhsNumber }] }),
    name: { given: 'Maeve', family: "O'Neill" },
    birthDate: birthDate ?? identity().birthDate,
  };
}

/** A record whose person has these identifiers. */
export function naming(...identifiers: readonly { system: string; value: string }[]) {
  const base = summary();
  const person = { ...personSection(), identifiers };
  return { ...base, sections: { ...Object(base['sections']), person } };
}

/** The minimum useful record, and one section that is restricted. */
export function summary(subject?: DocumentSubject): Record<string, unknown> {
  return {
    schema: 'social-care-summary/v1',
    asAt: '2026-11-20T09:30:00Z',
    sections: {
      person: personSection(subject),
      localAuthority: { odsCode: council, name: 'Borough council' },
      servicesAndCare: [
        {
          packageName: 'Home care',
          packageType: 'Domiciliary care',
          start: '2026-02-01',
          localAuthority: { odsCode: council, name: 'Borough council' },
        },
      ],
      safeguarding: [{ date: '2026-05-01', concern: { text: 'A concern' } }],
    },
  };
}
