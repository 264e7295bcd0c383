/**
 * What the schema of agreements cannot see: names that must exist elsewhere in the document or in the record
 * schemas. A name that is nobody's would silently open, or hide, nothing.
 */
import type { Fault } from '../errors/gateway-error.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';
import type { AgreementDocument } from './sharing-agreement.ts';

type CoveredType = AgreementDocument['recordTypes'][number];

export function agreementFaults(
  document: AgreementDocument,
  schemas: SchemaRegistry,
): readonly Fault[] {
  return [
    ...periodFaults(document),
    ...document.recordTypes.flatMap((type, i) => recordTypeFaults(type, i, schemas)),
    ...partyFaults(document),
    ...roleFaults(document),
  ];
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

function periodFaults({ period: { from, until } }: AgreementDocument): Fault[] {
  if (Date.parse(from) < Date.parse(until)) return [];
  return [{ pointer: '/period/until', rule: 'order', detail: 'must be after from' }];
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
