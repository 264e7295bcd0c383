/**
 * The two sharing agreements of the sandbox, as schemas/agreement/v1.json has them: one opens social care
 * summaries to health, one opens income statements, which need consent that names them.
 */
import type { Activity, AgreementDocument } from '../agreements/sharing-agreement.ts';
import { auditor, council, healthCentres, hospital, housingBenefit } from './borough.ts';

const period = { from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' };
const publisher: readonly Activity[] = [
  ...(['publish', 'register', 'record-facts', 'record-consent', 'record-overrides'] as const),
];
const recipient: readonly Activity[] = ['pull', 'attest-consent', 'record-overrides'];

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
    receptionist: {
      'social-care-summary': ['person', 'localAuthority', 'alerts', 'individualRequirements'],
    },
  },
  implicitPolicy: 'deny',
  breakGlassRoles: ['gp', 'ed-doctor'],
  traceFreshnessDays: 90,
  userAssertion: 'optional',
  briefRefusals: false,
};

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
    system: { 'hb-income-statement': 'all' },
    'housing-benefit-officer': { 'hb-income-statement': 'all' },
    'social-worker': { 'hb-income-statement': 'all' },
    gp: { 'hb-income-statement': ['claim', 'household', 'housingCosts', 'award'] },
  },
  implicitPolicy: 'deny',
  traceFreshnessDays: 90,
  userAssertion: 'optional',
  briefRefusals: false,
};

export const sandboxAgreements: readonly AgreementDocument[] = [summaries, incomes];
