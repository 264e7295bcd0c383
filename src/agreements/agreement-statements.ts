/**
 * An agreement in plain sentences, one a permission or rule, so that two versions can be compared by people
 * who answer for them. Every member of schemas/agreement/v1.json is in some sentence, and so is every order that
 * matters: two agreements that say the same are the same. Pure.
 */
import type { AgreementDocument } from './sharing-agreement.ts';

function agreementStatements(agreement: AgreementDocument): readonly string[] {
  return [
    `it is called "${agreement.title}"`,
    `it is in force from ${agreement.period.from} until ${agreement.period.until}`,
    ...basisStatements(agreement),
    ...partyStatements(agreement),
    ...recordTypeStatements(agreement),
    ...roleStatements(agreement),
    `without consent on file: ${agreement.implicitPolicy ?? 'deny'}`,
    ...(agreement.breakGlassRoles ?? []).map((role) => `role ${role} may break glass`),
    `a trace counts for ${agreement.traceFreshnessDays ?? 90} days`,
    `user assertions are ${agreement.userAssertion ?? 'optional'}`,
    `refusals ${agreement.briefRefusals ? 'do not say' : 'say'} why`,
  ];
}

/** What the second says and the first does not (`+`), and the reverse (`-`), in the order of the texts. */
export function agreementDifferences(
  before: AgreementDocument | undefined,
  after: AgreementDocument,
): readonly string[] {
  const [old, next] = [before ? agreementStatements(before) : [], agreementStatements(after)];
  const [inOld, inNext] = [new Set(old), new Set(next)];
  return [
    ...old.filter((line) => !inNext.has(line)).map((line) => `- ${line}`),
    ...next.filter((line) => !inOld.has(line)).map((line) => `+ ${line}`),
  ];
}

function basisStatements({ lawfulBasis }: AgreementDocument): string[] {
  const { article6, article9, statute } = lawfulBasis;
  return [
    `its lawful basis is UK GDPR article ${article6}`,
    ...(article9 === undefined
      ? []
      : [`its condition for special categories is article ${article9}`]),
    ...(statute === undefined ? [] : [`its statute is ${statute}`]),
  ];
}

/** As toSharingAgreement reads what was applied before repetitions were refused: the last counts. */
function lastOfEach<Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [nameOf(item), item])).values()];
}

function partyStatements({ parties }: AgreementDocument): string[] {
  return lastOfEach(parties, ({ odsCode }) => odsCode).flatMap(({ odsCode, may, recordTypes }) => {
    const what = recordTypes ? recordTypes.join(', ') : 'every record type of the agreement';
    return [`${odsCode} deals in ${what}`, ...may.map((activity) => `${odsCode} may ${activity}`)];
  });
}

function recordTypeStatements({ recordTypes }: AgreementDocument): string[] {
  return lastOfEach(recordTypes, ({ recordType }) => recordType).flatMap((covered) => {
    const { recordType, purposes, sections, emergencySections = [], hiddenSections = [] } = covered;
    return [
      ...purposes.map((purpose) => `${recordType} is shared for ${purpose}`),
      ...(purposes.length > 1
        ? [`${recordType} is delivered for the first that permits of ${purposes.join(', ')}`]
        : []),
      ...sections.map(({ section, lawfulBasis }) => {
        const basis = lawfulBasis === undefined ? '' : `, on the basis of ${lawfulBasis}`;
        return `${recordType} is shared with section ${section}${basis}`;
      }),
      ...emergencySections.map((name) => `${recordType} opens section ${name} in an emergency`),
      ...hiddenSections.map((name) => `${recordType} hides that there is a section ${name}`),
    ];
  });
}

function roleStatements({ roles }: AgreementDocument): string[] {
  return Object.entries(roles).flatMap(([role, byType]) => [
    `role ${role} is covered`,
    ...Object.entries(byType).flatMap(([recordType, sections]) =>
      sections === 'all'
        ? [`role ${role} reads every section of ${recordType}`]
        : sections.map((section) => `role ${role} reads section ${section} of ${recordType}`),
    ),
  ]);
}
