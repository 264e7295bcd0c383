/**
 * What the scenarios mean in consents and facts (docs/consent-model.md). Consents name their actors, so that
 * one health centre is always the one without consent. Pure: the time is handed in.
 */
import type { ConsentRequest } from '../consent/consent-record.ts';
import type { ConsentRule } from '../consent/decision.ts';
import { consentedActors, council, healthCentres, housingBenefit } from './borough.ts';
import type { SyntheticPerson } from './synthetic-people.ts';

export interface ScenarioConsent {
  /** ODS code of whoever records it. */
  recordedBy: string;
  consent: ConsentRequest;
  isWithdrawn: boolean;
}

const dayMs = 86_400_000;

const summaryRule: ConsentRule = {
  type: 'permit',
  recordTypes: ['social-care-summary'],
  purposes: ['individual-care'],
  actors: [...consentedActors],
};

/** What else goes between health and the council: named, since a form for one type is none for another. */
const exchangeRule: ConsentRule = {
  type: 'permit',
  recordTypes: ['health-summary', 'referral', 'correction-request', 'discharge-notification'],
  purposes: ['individual-care'],
  actors: [council.odsCode, ...consentedActors],
};

const withheldRule: ConsentRule = {
  type: 'deny',
  recordTypes: ['social-care-summary'],
  sections: ['aboutMe', 'personalContacts'],
  actors: [...consentedActors],
};

const incomeRule: ConsentRule = {
  type: 'permit',
  recordTypes: ['hb-income-statement'],
  purposes: ['ELIGDTRM', 'ELIGVER', 'individual-care'],
  actors: [council.odsCode, ...consentedActors],
};

const attestingCentre = healthCentres[0];
const attestedRule: ConsentRule = { ...summaryRule, actors: [attestingCentre] };

/** In the order of recording; each has an evidence reference of its own. `at` is epoch milliseconds. */
export function scenarioConsents(person: SyntheticPerson, at: number): readonly ScenarioConsent[] {
  const ofCouncil = (...rules: ConsentRule[]): ScenarioConsent => ({
    recordedBy: council.odsCode,
    consent: formConsent(person, at, rules),
    isWithdrawn: person.scenario === 'withdrawn',
  });
  switch (person.scenario) {
    case 'no-consent':
      return [];
    case 'attested-pending':
      return [
        {
          recordedBy: attestingCentre,
          consent: {
            ...formConsent(person, at, [attestedRule]),
            evidence: { kind: 'attested-pending', reference: referenceOf('AT', person) },
          },
          isWithdrawn: false,
        },
      ];
    case 'section-withheld':
      return [ofCouncil(summaryRule, exchangeRule, withheldRule)];
    case 'income-consented':
      return [
        ofCouncil(summaryRule, exchangeRule),
        {
          recordedBy: housingBenefit,
          consent: {
            ...formConsent(person, at, [incomeRule]),
            evidence: { kind: 'signed-form', reference: referenceOf('HB', person) },
          },
          isWithdrawn: false,
        },
      ];
    case 'consented':
    case 'withdrawn':
    case 'restricted':
    case 'deceased':
      return [ofCouncil(summaryRule, exchangeRule)];
  }
}

/** The signed form that the people of `consented` gave: from yesterday, for a year. */
export function careConsent(person: SyntheticPerson, at: number): ConsentRequest {
  return formConsent(person, at, [summaryRule, exchangeRule]);
}

/** As PUT /v1/clients/{client}/facts takes them: everything is known, so nothing is read more strictly. */
export function scenarioFacts(person: SyntheticPerson): Readonly<Record<string, unknown>> {
  return {
    capacity: 'has',
    deceasedDate: person.deceasedDate,
    pdsSecurity: person.scenario === 'restricted' ? 'R' : 'U',
    objectsToNhsNumber: false,
    nationalDataOptOut: false,
    nhsNumberStatus: '01',
  };
}

function formConsent(
  person: SyntheticPerson,
  at: number,
  rules: readonly ConsentRule[],
): ConsentRequest {
  return {
    period: {
      start: new Date(at - dayMs).toISOString(),
      end: new Date(at + 365 * dayMs).toISOString(),
    },
    grantor: { type: person.isChild ? 'parental-responsibility' : 'person' },
    // SF were the forms before there were messages: those stay on file beside these
    evidence: { kind: 'signed-form', reference: referenceOf('CF', person) },
    rules,
  };
}

function referenceOf(kind: string, { nhsNumber }: SyntheticPerson): string {
  return `${kind}-${nhsNumber.slice(3)}`;
}
