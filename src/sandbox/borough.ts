/**
 * Who takes part in the sandbox: two council services, three health centres, a hospital, an auditor. The ODS
 * codes are of the form that the Organisation Data Service never gives out.
 */
import type { OrgType } from '../consent/decision.ts';

export interface BoroughParticipant {
  odsCode: string;
  name: string;
  kind: OrgType;
}

export const council = { odsCode: 'X09SC', gssCode: 'E09000099', name: 'Borough of Elmsworth' };
export const housingBenefit = 'X09HB';
export const auditor = 'X09AU';
export const hospital = 'XRH01';
export const healthCentres = ['X81001', 'X81002', 'X81003'] as const;

/** Who the consents of the sandbox name. The third health centre is the one without consent. */
export const consentedActors = [healthCentres[0], healthCentres[1], hospital] as const;

export const boroughParticipants: readonly BoroughParticipant[] = [
  { odsCode: council.odsCode, name: 'Elmsworth Adult Social Care', kind: 'la-social-care' },
  { odsCode: housingBenefit, name: 'Elmsworth Housing Benefits', kind: 'la-housing-benefit' },
  { odsCode: healthCentres[0], name: 'Elm Road Health Centre', kind: 'nhs-health-centre' },
  { odsCode: healthCentres[1], name: 'Canal Row Health Centre', kind: 'nhs-health-centre' },
  { odsCode: healthCentres[2], name: 'Beacon View Health Centre', kind: 'nhs-health-centre' },
  { odsCode: hospital, name: 'Elmsworth Royal Hospital', kind: 'nhs-hospital' },
  { odsCode: auditor, name: 'Elmsworth Internal Audit', kind: 'auditor' },
];
