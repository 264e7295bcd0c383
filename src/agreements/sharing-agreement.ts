/**
 * A sharing agreement as data: who may do what with which record types, sections, purposes and roles,
 * until when. The document's form is schemas/agreement/v1.json; this is what the gateway makes of it.
 */
import type { Fault } from '../errors/gateway-error.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';

export type Activity =
  | 'publish'
  | 'pull'
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

/** What a schema cannot see: names that must exist elsewhere in the document or in the record schemas. */
export function agreementFaults(
  document: AgreementDocument,
  schemas: SchemaRegistry,
): readonly Fault[] {
  const faults: Fault[] = [];
  const blame = (pointer: string, rule: string, detail: string) =>
    faults.push({ pointer, rule, detail });
  const covered = new Set(document.recordTypes.map(({ recordType }) => recordType));

  if (Date.parse(document.period.from) >= Date.parse(document.period.until)) {
    blame('/period/until', 'order', 'must be after from');
  }
  document.recordTypes.forEach((type, i) => {
    const known = schemas.find(type.recordType);
    if (!known) {
      blame(`/recordTypes/${i}/recordType`, 'known', 'must have a schema');
      return;
    }
    const names = new Set(known.sections.map(({ name }) => name));
    type.sections.forEach(({ section }, j) => {
      if (!names.has(section)) {
        blame(
          `/recordTypes/${i}/sections/${j}/section`,
          'known',
          'must be a section of the schema',
        );
      }
    });
    for (const list of ['emergencySections', 'hiddenSections'] as const) {
      type[list]?.forEach((section, j) => {
        if (!names.has(section)) {
          blame(`/recordTypes/${i}/${list}/${j}`, 'known', 'must be a section of the schema');
        }
      });
    }
  });
  document.parties.forEach((party, i) => {
    party.recordTypes?.forEach((recordType, j) => {
      if (!covered.has(recordType)) {
        blame(
          `/parties/${i}/recordTypes/${j}`,
          'covered',
          'must be a record type of the agreement',
        );
      }
    });
  });
  for (const [role, byType] of Object.entries(document.roles)) {
    for (const recordType of Object.keys(byType)) {
      if (!covered.has(recordType)) {
        blame(`/roles/${role}/${recordType}`, 'covered', 'must be a record type of the agreement');
      }
    }
  }
  document.breakGlassRoles?.forEach((role, i) => {
    if (!Object.hasOwn(document.roles, role)) {
      blame(`/breakGlassRoles/${i}`, 'covered', 'must be a role of the agreement');
    }
  });
  return faults;
}
