/**
 * The sharing agreements of the sandbox under which records flow, as schemas/agreement/v1.json has them: one opens
 * social care summaries to health, one opens income statements, which need consent that names them, one opens the
 * hospital's health summaries. A party may do all that it may with every type of an agreement, so whoever publishes
 * one type and reads another is a party to two.
 *
 * `system` reads no section that a named role may not, so that nobody gains by leaving the user assertion out. A
 * reception desk has no role here: one that reads less than the systems of its health centre would be no bound.
 */
import type { Activity, AgreementDocument } from '../agreements/sharing-agreement.ts';
import { auditor, council, healthCentres, hospital, housingBenefit } from './borough.ts';

const period = { from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' };
const publisher: readonly Activity[] = [
  ...(['publish', 'register', 'record-facts', 'record-consent', 'record-overrides'] as const),
];
const recipient: readonly Activity[] = ['pull', 'receive', 'attest-consent', 'record-overrides'];

const openSections = [
  ...['person', 'localAuthority', 'alerts', 'aboutMe', 'individualRequirements'],
  ...['professionalContacts', 'personalContacts', 'referrals', 'servicesAndCare'],
  ...['primarySupportReason', 'assessments', 'careAndSupportPlan', 'contingencyPlan', 'equipment'],
  ...['accommodation', 'legalInformation', 'documents'],
];

const summaries: AgreementDocument = {
  id: 'elmsworth-social-care',
  title: 'Elmsworth: social care summaries for individual care',
  period,
  lawfulBasis: {
    article6: '6(1)(e)',
    article9: '9(2)(h)',
    statute: 'Health and Social Care Act 2012 s.251B',
  },
  parties: [
    { odsCode: council.odsCode, may: publisher },
    ...[...healthCentres, hospital].map((odsCode) => ({ odsCode, may: recipient })),
    { odsCode: auditor, may: ['audit'] },
  ],
  recordTypes: [
    {
      recordType: 'social-care-summary',
      purposes: ['TREAT', 'COC', 'ETREAT', 'CAREMGT', 'BTG'],
      sections: [
        ...openSections.map((section) => ({ section })),
        { section: 'safeguarding', lawfulBasis: 'Care Act 2014 s.45' },
      ],
      emergencySections: [
        ...['person', 'alerts', 'individualRequirements', 'personalContacts'],
        ...['servicesAndCare', 'contingencyPlan', 'equipment'],
      ],
    },
  ],
  roles: {
    system: { 'social-care-summary': openSections },
    gp: { 'social-care-summary': 'all' },
    'ed-doctor': { 'social-care-summary': 'all' },
    'social-worker': { 'social-care-summary': 'all' },
  },
  implicitPolicy: 'deny',
  breakGlassRoles: ['gp', 'ed-doctor'],
  traceFreshnessDays: 90,
  userAssertion: 'optional',
  briefRefusals: false,
};

const homeSections = ['claim', 'household', 'housingCosts', 'award'];

const incomes: AgreementDocument = {
  id: 'elmsworth-income',
  title: 'Elmsworth: income statements for financial assessment and care',
  period,
  lawfulBasis: {
    article6: '6(1)(e)',
    article9: '9(2)(h)',
    statute: 'Welfare Reform Act 2012 s.131',
  },
  parties: [
    { odsCode: housingBenefit, may: publisher },
    { odsCode: council.odsCode, may: ['pull', 'record-consent', 'record-overrides'] },
    ...healthCentres.map((odsCode) => ({ odsCode, may: ['pull', 'record-overrides'] as const })),
    { odsCode: auditor, may: ['audit'] },
  ],
  recordTypes: [
    {
      recordType: 'hb-income-statement',
      purposes: ['TREAT', 'CAREMGT', 'ELIGDTRM', 'ELIGVER'],
      sections: [
        ...['claim', 'household', 'earnings', 'benefitIncome', 'pensionIncome', 'otherIncome'],
        ...['capital', 'housingCosts', 'award', 'evidence'],
      ].map((section) => ({ section })),
    },
  ],
  roles: {
    system: { 'hb-income-statement': homeSections },
    'housing-benefit-officer': { 'hb-income-statement': 'all' },
    'social-worker': { 'hb-income-statement': 'all' },
    gp: { 'hb-income-statement': homeSections },
  },
  implicitPolicy: 'deny',
  traceFreshnessDays: 90,
  userAssertion: 'optional',
  briefRefusals: false,
};

const healthSections = [
  ...['person', 'gpPractice', 'allergies', 'medications', 'problems', 'immunizations', 'results'],
  ...['procedures', 'medicalDevices', 'vitalSigns', 'pregnancy', 'socialHistory'],
  ...['functionalStatus', 'planOfCare', 'advanceDirectives', 'alerts', 'pastIllness'],
];

const careSections = [
  ...['person', 'gpPractice', 'allergies', 'problems', 'functionalStatus'],
  ...['planOfCare', 'advanceDirectives', 'alerts'],
];

const health: AgreementDocument = {
  id: 'elmsworth-health',
  title: 'Elmsworth: health summaries for individual care',
  period,
  lawfulBasis: summaries.lawfulBasis,
  parties: [
    { odsCode: hospital, may: ['publish', 'record-overrides'] },
    { odsCode: council.odsCode, may: ['pull', 'record-consent', 'record-overrides'] },
    ...healthCentres.map((odsCode) => ({ odsCode, may: ['pull', 'record-overrides'] as const })),
    { odsCode: auditor, may: ['audit'] },
  ],
  recordTypes: [
    {
      recordType: 'health-summary',
      purposes: ['TREAT', 'COC', 'ETREAT', 'CAREMGT', 'BTG'],
      sections: healthSections.map((section) => ({ section })),
      emergencySections: ['person', 'allergies', 'medications', 'problems', 'alerts'],
    },
  ],
  roles: {
    system: { 'health-summary': careSections },
    gp: { 'health-summary': 'all' },
    'ed-doctor': { 'health-summary': 'all' },
    'social-worker': { 'health-summary': careSections },
  },
  implicitPolicy: 'deny',
  breakGlassRoles: ['gp', 'ed-doctor'],
  traceFreshnessDays: 90,
  userAssertion: 'optional',
  briefRefusals: false,
};

export const recordAgreements: readonly AgreementDocument[] = [summaries, incomes, health];
