/**
 * What the schema of agreements cannot see: names that must exist elsewhere in the document, in the record
 * schemas or in the register, and a time that is over. A name that is nobody's would silently open, or hide,
 * nothing; a mistyped ODS code would shut its owner out.
 */
import type { OrgType } from '../consent/decision.ts';
import type { Fault } from '../errors/gateway-error.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';
import type { AgreementDocument } from './sharing-agreement.ts';

type CoveredType = AgreementDocument['recordTypes'][number];
type Party = AgreementDocument['parties'][number];

/** What an agreement is held against. */
export interface AgreementSurroundings {
  schemas: SchemaRegistry;
  /** Of every participant in the register, by ODS code. */
  kinds: ReadonlyMap<string, OrgType>;
  /** Epoch milliseconds. */
  at: number;
}

export function agreementFaults(
  document: AgreementDocument,
  { schemas, kinds, at }: AgreementSurroundings,
): readonly Fault[] {
  const { parties, recordTypes } = document;
  return [
    ...periodFaults(document, at),
    ...repetitions(
      recordTypes.map(({ recordType }) => recordType),
      (i) => `/recordTypes/${i}/recordType`,
    ),
    ...recordTypes.flatMap((type, i) => recordTypeFaults(type, i, schemas)),
    ...repetitions(
      parties.map(({ odsCode }) => odsCode),
      (i) => `/parties/${i}/odsCode`,
    ),
    ...parties.flatMap((party, i) => registerFaults(party, `/parties/${i}`, kinds)),
    ...partyFaults(document),
    ...roleFaults(document),
  ];
}

/** Only the last of two with one name would count, whatever the other says. */
function repetitions(names: readonly string[], place: (i: number) => string): Fault[] {
  return names.flatMap((name, i) =>
    names.indexOf(name) === i
      ? []
      : [{ pointer: place(i), rule: 'unique', detail: 'must not stand here twice' }],
  );
}

function registerFaults(
  { odsCode, may }: Party,
  at: string,
  kinds: ReadonlyMap<string, OrgType>,
): Fault[] {
  const kind = kinds.get(odsCode);
  if (!kind) {
    // an ODS code is nobody's secret, and one letter for another is hard to see
    const detail = `must be in the register, and ${odsCode} is not: compare jetway participant list`;
    return [{ pointer: `${at}/odsCode`, rule: 'known', detail }];
  }
  // Refused, not warned of: a kind never changes and the decision gives auditors nothing but the trail, while the
  // trail tells of everybody, so either is a mistake at any time.
  const detail =
    kind === 'auditor'
      ? 'must be audit, since the party is an auditor'
      : 'must not be audit, since the party is no auditor';
  return may.flatMap((activity, i) =>
    (activity === 'audit') === (kind === 'auditor')
      ? []
      : [{ pointer: `${at}/may/${i}`, rule: 'kind', detail }],
  );
}

/** One fault for each name that is not among those allowed; `at` is where the list stands. */
function strangers(
  names: readonly string[] | undefined,
  allowed: readonly string[],
  at: string,
  rule: 'known' | 'covered',
  detail: string,
): Fault[] {
  return (names ?? []).flatMap((name, i) =>
    allowed.includes(name) ? [] : [{ pointer: `${at}/${i}`, rule, detail }],
  );
}

/** One that is over would end what is in force, which is `jetway agreement end`'s to do and to say. */
function periodFaults({ period: { from, until } }: AgreementDocument, at: number): Fault[] {
  const end = Date.parse(until);
  const pointer = '/period/until';
  if (Date.parse(from) >= end) return [{ pointer, rule: 'order', detail: 'must be after from' }];
  return at < end ? [] : [{ pointer, rule: 'period', detail: 'must lie in the future' }];
}

function recordTypeFaults(type: CoveredType, i: number, schemas: SchemaRegistry): Fault[] {
  const at = `/recordTypes/${i}`;
  const known = schemas.find(type.recordType)?.sections.map(({ name }) => name);
  if (!known) {
    return [{ pointer: `${at}/recordType`, rule: 'known', detail: 'must have a schema' }];
  }
  const covered = sectionsOf(type);
  const ofSchema = 'must be a section of the schema';
  return [
    ...repetitions(covered, (j) => `${at}/sections/${j}/section`),
    ...strangers(covered, known, `${at}/sections`, 'known', ofSchema).map((fault) => ({
      ...fault,
      pointer: `${fault.pointer}/section`,
    })),
    ...strangers(type.hiddenSections, known, `${at}/hiddenSections`, 'known', ofSchema),
    ...strangers(
      type.emergencySections,
      covered,
      `${at}/emergencySections`,
      'covered',
      'must be a section that the agreement covers',
    ),
  ];
}

function partyFaults({ parties, recordTypes }: AgreementDocument): Fault[] {
  const covered = recordTypes.map(({ recordType }) => recordType);
  const detail = 'must be a record type of the agreement';
  return parties.flatMap((party, i) =>
    strangers(party.recordTypes, covered, `/parties/${i}/recordTypes`, 'covered', detail),
  );
}

function roleFaults({ roles, recordTypes, breakGlassRoles }: AgreementDocument): Fault[] {
  const ofRoles = Object.entries(roles).flatMap(([role, byType]) =>
    Object.entries(byType).flatMap(([recordType, sections]): Fault[] => {
      const at = `/roles/${role}/${recordType}`;
      const type = recordTypes.find((one) => one.recordType === recordType);
      const detail = 'must be a record type of the agreement';
      if (!type) return [{ pointer: at, rule: 'covered', detail }];
      const named = sections === 'all' ? [] : sections;
      const covers = 'must be a section that the agreement covers';
      return strangers(named, sectionsOf(type), at, 'covered', covers);
    }),
  );
  const known = Object.keys(roles);
  const ofAgreement = 'must be a role of the agreement';
  return [
    ...ofRoles,
    ...strangers(breakGlassRoles, known, '/breakGlassRoles', 'covered', ofAgreement),
  ];
}

function sectionsOf({ sections }: CoveredType): string[] {
  return sections.map(({ section }) => section);
}
