/**
 * Worked examples of the decision as data: a JSON file of fixtures and cases, each `given` some facts and
 * `when` something is asked, with the decision `expected`. A council's information-governance lead can
 * write them and run them (`jetway consent decide`). docs/consent-model.md.
 */
import { isDeepStrictEqual } from 'node:util';
import { GatewayError } from '../errors/gateway-error.ts';
import { readConsent, readOverride, readPerson, readRequester } from './case-facts.ts';
import { type CaseFixtures, readFixtures, readPolicy, readRecordShape } from './case-fixtures.ts';
import {
  type JsonObject,
  readInstant,
  readList,
  readObject,
  readOptional,
  readOptionalObject,
  readString,
  readStrings,
  refuseCase,
} from './case-reader.ts';
import type { Decision, DecisionInput } from './decision.ts';

/** `fault` says why a case cannot be decided; one malformed case leaves the others standing. */
export type DecisionCase =
  | { id: string; input: DecisionInput; expected: JsonObject | undefined; fault?: undefined }
  | { id: string; fault: string };

/** Throws JSON_MALFORMED or REQUEST_MALFORMED when the file as a whole cannot be read. */
export function parseDecisionCases(text: string): readonly DecisionCase[] {
  const file = readObject(parseJson(text), 'file');
  if (!Array.isArray(file['cases'])) refuseCase('cases', 'a list is needed');
  const fixtures = readFixtures(file['fixtures']);
  return readList(file['cases'], 'cases', (value, path) => readCase(value, path, fixtures));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new GatewayError('JSON_MALFORMED', { detail: 'The case file is not JSON (RFC 8259).' });
  }
}

function readCase(value: unknown, position: string, fixtures: CaseFixtures): DecisionCase {
  let id = position;
  try {
    const json = readObject(value, position);
    id = readString(json['id'], `${position}.id`);
    const expected = readOptional(json['expected'], `${id}.expected`, readObject);
    return { id, input: readInput(json, id, fixtures), expected };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { id, fault: error.detail ?? error.code };
  }
}

function readInput(json: JsonObject, id: string, fixtures: CaseFixtures): DecisionInput {
  const given = readOptionalObject(json['given'], `${id}.given`);
  const when = readObject(json['when'], `${id}.when`);
  const requester = readRequester(when['requester'], `${id}.when.requester`);
  const recordType = readString(when['recordType'], `${id}.when.recordType`);
  const givenPolicy = readOptionalObject(given['policy'], `${id}.given.policy`);
  return {
    at: readInstant(when['at'], `${id}.when.at`),
    requester,
    purpose: readString(when['purpose'], `${id}.when.purpose`),
    recordType,
    requestedSections: readOptional(when['sections'], `${id}.when.sections`, readStrings),
    record: readRecordShape(fixtures, recordType, id),
    person: readPerson(given['person'], `${id}.given.person`),
    consents: readList(given['consents'], `${id}.given.consents`, readConsent),
    // Overrides are facts on file, and part of what is asked: a case may write them in either place.
    overrides: [
      ...readList(given['overrides'], `${id}.given.overrides`, readOverride),
      ...readList(when['overrides'], `${id}.when.overrides`, readOverride),
    ],
    policy: readPolicy(fixtures, givenPolicy, { role: requester.role, recordType }, id),
  };
}

/**
 * One line for each member of the decision that is not as `expected` says; none when all agree. Order
 * counts in lists. Members that `expected` leaves out are not compared.
 */
export function compareDecision(
  decision: Decision,
  expected: JsonObject | undefined,
): readonly string[] {
  if (expected === undefined) return ['expected: the case does not say what to expect'];
  const differences: string[] = [];
  for (const [member, actual] of Object.entries(decision)) {
    if (!Object.hasOwn(expected, member) || isDeepStrictEqual(actual, expected[member])) continue;
    differences.push(
      `${member}: expected ${JSON.stringify(expected[member])}, got ${JSON.stringify(actual)}`,
    );
  }
  return differences;
}
