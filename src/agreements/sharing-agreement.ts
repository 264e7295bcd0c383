/**
 * A sharing agreement as data: who may do what with which record types, sections, purposes and roles,
 * until when. The document's form is schemas/agreement/v1.json; this is what the gateway makes of it.
 */

export type Activity =
  | 'publish'
  | 'pull'
  | 'send'
  | 'receive'
  | 'register'
  | 'record-facts'
  | 'record-consent'
  | 'attest-consent'
  | 'record-overrides'
  | 'audit';

/** schemas/agreement/v1.json as it is parsed. Times are RFC 3339, `until` exclusive. */
export interface AgreementDocument {
  id: string;
  title: string;
  period: { from: string; until: string };
  lawfulBasis: { article6: string; article9?: string; statute?: string };
  parties: readonly {
    odsCode: string;
    may: readonly Activity[];
    recordTypes?: readonly string[];
  }[];
  recordTypes: readonly {
    recordType: string;
    purposes: readonly string[];
    sections: readonly { section: string; lawfulBasis?: string }[];
    emergencySections?: readonly string[];
    hiddenSections?: readonly string[];
  }[];
  roles: Readonly<Record<string, Readonly<Record<string, readonly string[] | 'all'>>>>;
  implicitPolicy?: 'deny' | 'basic-normal';
  breakGlassRoles?: readonly string[];
  traceFreshnessDays?: number;
  userAssertion?: 'optional' | 'required';
  briefRefusals?: boolean;
}

export interface CoveredRecordType {
  /** In the order of the document: deliveries of records are for the first that opens them. */
  purposes: ReadonlySet<string>;
  sections: ReadonlySet<string>;
  emergencySections: readonly string[];
  /** Sections whose very existence is not shown to those who may not read them. */
  hiddenSections: ReadonlySet<string>;
}

export interface SharingAgreement {
  id: string;
  version: number;
  document: AgreementDocument;
  from: number;
  until: number;
  parties: ReadonlyMap<string, { may: ReadonlySet<Activity>; recordTypes: ReadonlySet<string> }>;
  recordTypes: ReadonlyMap<string, CoveredRecordType>;
  /** The closed list: role, record type, the sections that the role may see of what is covered. */
  roles: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;
  traceFreshnessMs: number;
}

const dayMs = 86_400_000;
const defaultFreshnessDays = 90;

export function toSharingAgreement(document: AgreementDocument, version: number): SharingAgreement {
  const recordTypes = new Map(
    document.recordTypes.map((covered) => [
      covered.recordType,
      {
        purposes: new Set(covered.purposes),
        sections: new Set(covered.sections.map(({ section }) => section)),
        emergencySections: covered.emergencySections ?? [],
        hiddenSections: new Set(covered.hiddenSections ?? []),
      },
    ]),
  );
  const roles = new Map(
    Object.entries(document.roles).map(([role, byType]) => [
      role,
      new Map(
        Object.entries(byType).map(([recordType, named]) => {
          const sections = [...(recordTypes.get(recordType)?.sections ?? [])];
          return [recordType, sections.filter((name) => named === 'all' || named.includes(name))];
        }),
      ),
    ]),
  );
  return {
    id: document.id,
    version,
    document,
    from: Date.parse(document.period.from),
    until: Date.parse(document.period.until),
    parties: new Map(
      document.parties.map((party) => [
        party.odsCode,
        {
          may: new Set(party.may),
          recordTypes: new Set(party.recordTypes ?? recordTypes.keys()),
        },
      ]),
    ),
    recordTypes,
    roles,
    traceFreshnessMs: (document.traceFreshnessDays ?? defaultFreshnessDays) * dayMs,
  };
}
