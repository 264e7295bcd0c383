/**
 * The sharing agreements of the sandbox under which messages flow: one towards the council, one from it. Together in
 * one, health centres could write to each other, since whoever may send and receive a type may do both with everybody.
 */
import type { AgreementDocument } from '../agreements/sharing-agreement.ts';
import { auditor, council, healthCentres, hospital } from './borough.ts';

/** Every section of each message type. */
const sections = {
  referral: [
    ...['person', 'referrer', 'recipientService', 'request', 'needs', 'consentToReferral'],
    ...['alerts', 'professionalContacts', 'personalContacts', 'attachments'],
  ],
  'correction-request': ['record', 'corrections', 'requester'],
  'discharge-notification': [
    ...['notice', 'person', 'localAuthority', 'gpPractice', 'referralDetails', 'careNeedsSummary'],
    ...['allergies', 'admissionDetails', 'dischargeDetails', 'problems', 'clinicalSummary'],
    ...['medications', 'assessments', 'risks', 'legalInformation', 'safeguarding'],
    ...['personalContacts', 'professionalContacts', 'planAndRequestedActions'],
    ...['personAndCarerConcerns', 'contingencyPlans', 'endOfLife', 'documents'],
  ],
} as const;
type MessageType = keyof typeof sections;

const fromCentres: readonly MessageType[] = ['referral', 'correction-request'];
const fromHospital: readonly MessageType[] = [...fromCentres, 'discharge-notification'];
const ofCouncil: readonly MessageType[] = ['referral', 'discharge-notification'];

const common = {
  period: { from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' },
  lawfulBasis: {
    article6: '6(1)(e)',
    article9: '9(2)(h)',
    statute: 'Health and Social Care Act 2012 s.251B',
  },
  implicitPolicy: 'deny',
  traceFreshnessDays: 90,
  userAssertion: 'optional',
  briefRefusals: false,
} as const;

const towardsCouncil: AgreementDocument = {
  ...common,
  id: 'elmsworth-messages-to-council',
  title: 'Elmsworth: referrals, corrections and notices of discharge to the council',
  parties: [
    { odsCode: council.odsCode, may: ['receive', 'record-consent'] },
    ...healthCentres.map((odsCode) => ({
      odsCode,
      may: ['send'] as const,
      recordTypes: fromCentres,
    })),
    { odsCode: hospital, may: ['send'], recordTypes: fromHospital },
    { odsCode: auditor, may: ['audit'] },
  ],
  recordTypes: fromHospital.map(covered),
  roles: {
    system: allOf(fromHospital),
    gp: allOf(fromHospital),
    'ed-doctor': allOf(fromHospital),
    'social-worker': allOf(fromHospital),
  },
};

const fromCouncil: AgreementDocument = {
  ...common,
  id: 'elmsworth-messages-from-council',
  title: 'Elmsworth: referrals by the council, and its receipts of notices of discharge',
  parties: [
    { odsCode: council.odsCode, may: ['send', 'record-consent'] },
    ...healthCentres.map((odsCode) => ({
      odsCode,
      may: ['receive'] as const,
      recordTypes: ['referral'],
    })),
    { odsCode: hospital, may: ['receive'], recordTypes: ['discharge-notification'] },
    { odsCode: auditor, may: ['audit'] },
  ],
  recordTypes: ofCouncil.map(covered),
  roles: {
    system: allOf(ofCouncil),
    gp: allOf(ofCouncil),
    'ed-doctor': allOf(ofCouncil),
    'social-worker': allOf(ofCouncil),
  },
};

export const messageAgreements: readonly AgreementDocument[] = [towardsCouncil, fromCouncil];

function covered(recordType: MessageType) {
  return {
    recordType,
    purposes: ['TREAT', 'COC', 'CAREMGT'],
    sections: sections[recordType].map((section) => ({ section })),
  };
}

function allOf(types: readonly MessageType[]): Record<string, 'all'> {
  return Object.fromEntries(types.map((type) => [type, 'all']));
}
