/**
 * The fixtures that the cases of a file share: the shape of each record type, and the deployment's
 * policy with its emergency sections and role matrix per record type. docs/consent-model.md section 1.
 */
import {
  type JsonObject,
  readBoolean,
  readObject,
  readOptional,
  readOptionalObject,
  readStrings,
  readWord,
  refuseCase,
} from './case-reader.ts';
import type { Policy, RecordShape } from './decision.ts';
import { sectionLabels } from './vocabulary.ts';

/** The one type that is explicit-only without the file saying so. */
const incomeStatement = 'hb-income-statement';

export interface CaseFixtures {
  records: JsonObject;
  policy: JsonObject;
}

/** `defaults` holds policy, emergencySections and roleSections side by side; here they are one object. */
export function readFixtures(value: unknown): CaseFixtures {
  const fixtures = readOptionalObject(value, 'fixtures');
  const { policy, ...others } = readOptionalObject(fixtures['defaults'], 'fixtures.defaults');
  return {
    records: readOptionalObject(fixtures['records'], 'fixtures.records'),
    policy: { ...others, ...readOptionalObject(policy, 'fixtures.defaults.policy') },
  };
}

export function readRecordShape(
  fixtures: CaseFixtures,
  recordType: string,
  casePath: string,
): RecordShape {
  const path = `fixtures.records.${recordType}`;
  const found = Object.hasOwn(fixtures.records, recordType)
    ? fixtures.records[recordType]
    : undefined;
  if (found === undefined)
    refuseCase(`${casePath}.when.recordType`, 'a record type of the fixtures is needed');
  const json = readObject(found, path);
  const sections = Object.entries(readObject(json['sections'], `${path}.sections`));
  return {
    sections: sections.map(([name, label]) => ({
      name,
      label: readWord(label, `${path}.sections.${name}`, sectionLabels),
    })),
    explicitOnly:
      readOptional(json['explicitOnly'], `${path}.explicitOnly`, readBoolean) ??
      recordType === incomeStatement,
  };
}

/** `given.policy` replaces single keys of the defaults. What nobody says is the strictest: no agreement, deny. */
export function readPolicy(
  { policy }: CaseFixtures,
  given: JsonObject,
  { role, recordType }: { role: string; recordType: string },
  casePath: string,
): Policy {
  const path = `${casePath}.given.policy`;
  const json = { ...policy, ...given };
  const emergency = readOptionalObject(json['emergencySections'], `${path}.emergencySections`);
  const matrix = readOptionalObject(json['roleSections'], `${path}.roleSections`);
  const row = Object.hasOwn(matrix, role) ? matrix[role] : undefined;
  return {
    agreement: readOptional(json['agreement'], `${path}.agreement`, readBoolean) ?? false,
    implicit: readWord(json['implicit'] ?? 'deny', `${path}.implicit`, ['deny', 'basic-normal']),
    breakGlassRoles: readStrings(json['breakGlassRoles'], `${path}.breakGlassRoles`),
    emergencySections: readStrings(
      ownMember(emergency, recordType),
      `${path}.emergencySections.${recordType}`,
    ),
    roleSections: readOptional(row, `${path}.roleSections.${role}`, (value, rowPath) =>
      readStrings(ownMember(readObject(value, rowPath), recordType), `${rowPath}.${recordType}`),
    ),
  };
}

function ownMember(json: JsonObject, name: string): unknown {
  return Object.hasOwn(json, name) ? json[name] : undefined;
}
