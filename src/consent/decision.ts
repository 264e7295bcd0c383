/**
 * What the consent decision takes in and answers: types alone. The words follow FHIR R4 Consent and the
 * IHE Privacy Consent on FHIR profile; docs/consent-model.md sections 1 and 4 define each. Every
 * instant is a number of milliseconds since 1970-01-01T00:00:00Z.
 */
import type {
  consentStatuses,
  evidenceKinds,
  grantorTypes,
  orgTypes,
  reasonCodes,
  sectionLabels,
  sectionReasons,
} from './vocabulary.ts';

export type OrgType = (typeof orgTypes)[number];
export type SectionLabel = (typeof sectionLabels)[number];
export type ConsentStatus = (typeof consentStatuses)[number];
export type EvidenceKind = (typeof evidenceKinds)[number];
export type GrantorType = (typeof grantorTypes)[number];
export type SectionReason = (typeof sectionReasons)[number];
export type ReasonCode = (typeof reasonCodes)[number];

export interface DecisionInput {
  /** The instant of the decision. */
  at: number;
  requester: Requester;
  /** A v3-ActReason code, for example `TREAT`. */
  purpose: string;
  recordType: string;
  /** None named, or absent: the whole record is asked for. */
  requestedSections?: readonly string[] | undefined;
  record: RecordShape;
  person: PersonFacts;
  consents: readonly Consent[];
  overrides: readonly Override[];
  policy: Policy;
}

export interface Requester {
  /** ODS code, from the certificate. */
  org: string;
  orgType: OrgType;
  /** From the signed user assertion, else `system`. */
  role: string;
  /** The assertion's subject. */
  user?: string | undefined;
  /** The assertion's name: by it, too, nobody authorises their own access. */
  userName?: string | undefined;
  /** The organisation's recorded claim to care for this person. */
  legitimateRelationship: boolean;
}

/** The sections in record order, each with its effective label, and how strict the type is. */
export interface RecordShape {
  sections: readonly Section[];
  /** Only consent that names the type reaches it; implied consent and break-glass never do. */
  explicitOnly: boolean;
}

export interface Section {
  name: string;
  /** The higher of the section's default and its entries' labels. */
  label: SectionLabel;
}

export interface PersonFacts {
  /** Now, not at the grant of a consent. Unknown counts as `has`: nobody then speaks for the person. */
  capacity?: 'has' | 'lacks' | undefined;
  /** In completed years. */
  age?: number | undefined;
  deceased?: boolean | undefined;
  /** Personal Demographics Service: `R` restricted, `U` unrestricted; an unknown code counts as restricted. */
  pdsSecurity?: string | undefined;
  objectsToNhsNumber?: boolean | undefined;
  nationalDataOptOut?: boolean | undefined;
  /** Absent means verified elsewhere; the gateway always gives it. */
  identity?: IdentityFacts | undefined;
}

export interface IdentityFacts {
  checkDigit?: boolean | undefined;
  dobMatch?: boolean | undefined;
  /** NHS number status indicator; `01` is present and verified. */
  status?: string | undefined;
}

export interface Consent {
  id: string;
  status: ConsentStatus;
  /** `end` is exclusive. */
  period: { start: number; end?: number | undefined };
  /** May lie ahead: the consent is in force until then. */
  withdrawnAt?: number | undefined;
  /** Id of the consent that this one takes the place of. */
  supersedes?: string | undefined;
  grantor: Grantor;
  evidence?: Evidence | undefined;
  rules: readonly ConsentRule[];
}

export interface Grantor {
  type: GrantorType;
  /** Registration of the authority, or of the best-interests decision. */
  ref?: string | undefined;
  revoked?: boolean | undefined;
  capacityAtGrant?: 'has' | 'lacks' | undefined;
}

export interface Evidence {
  kind: EvidenceKind;
  attestedAt?: number | undefined;
  formReceivedAt?: number | undefined;
}

/** An absent list and an empty one say the same: the rule does not narrow by it. */
export interface ConsentRule {
  type: 'permit' | 'deny';
  recordTypes?: readonly string[] | undefined;
  /** v3-ActReason codes, or `individual-care` for all of that class. */
  purposes?: readonly string[] | undefined;
  /** ODS codes. */
  actors?: readonly string[] | undefined;
  sections?: readonly string[] | undefined;
  /** Of a deny alone: it also stands against break-glass. */
  includesEmergency?: boolean | undefined;
}

export type Override = CompulsionOverride | SafeguardingOverride | BreakGlassOverride;

export interface CompulsionOverride {
  type: 'court-order' | 'statutory-duty';
  ref?: string | undefined;
  sections?: readonly string[] | undefined;
  tipOffRisk?: boolean | undefined;
}

export interface SafeguardingOverride {
  type: 'safeguarding';
  authoriser?: string | undefined;
  rationale?: string | undefined;
  sections?: readonly string[] | undefined;
  abuseTypes?: readonly string[] | undefined;
  tipOffRisk?: boolean | undefined;
}

export interface BreakGlassOverride {
  type: 'break-glass';
  justification?: string | undefined;
}

/** What the sharing agreement and the deployment say about this organisation, role and record type. */
export interface Policy {
  /** One is in force for organisation, record type and purpose. */
  agreement: boolean;
  implicit: 'deny' | 'basic-normal';
  breakGlassRoles: readonly string[];
  /** For the record type that is asked. */
  emergencySections: readonly string[];
  /**
   * The sections that the requester's role may have of this record type. Undefined: the role has no row,
   * the agreement alone bounds it. Empty: it has a row, which names nothing for this record type.
   */
  roleSections?: readonly string[] | undefined;
}

export type Basis =
  | 'legal-obligation'
  | 'safeguarding-public-interest'
  | 'explicit-consent'
  | 'implied-consent-direct-care'
  | 'vital-interests-break-glass';

export type Obligation =
  | 'AUDIT'
  | 'RECORD_LEGAL_REF'
  | 'NOTIFY_PERSON'
  | 'REFER_CALDICOTT_GUARDIAN'
  | 'ALERT_PRIVACY_OFFICER'
  | 'TIME_LIMIT_PT1H';

export type Redaction = 'location' | 'nhsNumber';

export interface Decision {
  /** `PERMIT` is the whole of what was asked: nothing withheld, nothing redacted. */
  decision: 'PERMIT' | 'PERMIT_FILTERED' | 'DENY' | 'REFER';
  basis: Basis | null;
  /** In record order. */
  includedSections: readonly string[];
  /** Asked section to reason; empty on a refusal. */
  excludedSections: Readonly<Record<string, SectionReason>>;
  redactions: readonly Redaction[];
  /** The deciding one first. */
  reasonCodes: readonly [ReasonCode, ...ReasonCode[]];
  /** `AUDIT` first. */
  obligations: readonly Obligation[];
  consentUsed: string | null;
  httpStatus: 200 | 400 | 403 | 404;
}
