/**
 * The facts of a decision case (consents, overrides, person, requester) as its JSON writes them, with
 * instants in RFC 3339. What a case leaves out is absent from the facts or takes the stricter reading.
 * docs/consent-model.md section 1.
 */
import {
  readBoolean,
  readInstant,
  readList,
  readNumber,
  readObject,
  readOptional,
  readOptionalObject,
  readString,
  readStrings,
  readWord,
} from './case-reader.ts';
import type {
  Consent,
  ConsentRule,
  Evidence,
  Override,
  PersonFacts,
  Requester,
} from './decision.ts';
import { consentStatuses, evidenceKinds, grantorTypes, orgTypes } from './vocabulary.ts';

const overrideTypes = ['court-order', 'statutory-duty', 'safeguarding', 'break-glass'] as const;
const capacities = ['has', 'lacks'] as const;

export function readRequester(value: unknown, path: string): Requester {
  const json = readObject(value, path);
  return {
    org: readString(json['org'], `${path}.org`),
    orgType: readWord(json['orgType'], `${path}.orgType`, orgTypes),
    role: readOptional(json['role'], `${path}.role`, readString) ?? 'system',
    user: readOptional(json['user'], `${path}.user`, readString),
    userName: readOptional(json['userName'], `${path}.userName`, readString),
    legitimateRelationship:
      readOptional(json['legitimateRelationship'], `${path}.legitimateRelationship`, readBoolean) ??
      false,
  };
}

export function readPerson(value: unknown, path: string): PersonFacts {
  const json = readOptionalObject(value, path);
  return {
    capacity: readOptional(json['capacity'], `${path}.capacity`, readCapacity),
    age: readOptional(json['age'], `${path}.age`, readNumber),
    deceased: readOptional(json['deceased'], `${path}.deceased`, readBoolean),
    pdsSecurity: readOptional(json['pdsSecurity'], `${path}.pdsSecurity`, readString),
    objectsToNhsNumber: readOptional(
      json['objectsToNhsNumber'],
      `${path}.objectsToNhsNumber`,
      readBoolean,
    ),
    nationalDataOptOut: readOptional(
      json['nationalDataOptOut'],
      `${path}.nationalDataOptOut`,
      readBoolean,
    ),
    identity: readOptional(json['identity'], `${path}.identity`, readIdentity),
  };
}

function readIdentity(value: unknown, path: string): NonNullable<PersonFacts['identity']> {
  const json = readObject(value, path);
  return {
    checkDigit: readOptional(json['checkDigit'], `${path}.checkDigit`, readBoolean),
    dobMatch: readOptional(json['dobMatch'], `${path}.dobMatch`, readBoolean),
    status: readOptional(json['status'], `${path}.status`, readString),
  };
}

function readCapacity(value: unknown, path: string): 'has' | 'lacks' {
  return readWord(value, path, capacities);
}

export function readConsent(value: unknown, path: string): Consent {
  const json = readObject(value, path);
  const period = readOptionalObject(json['period'], `${path}.period`);
  const grantor = readObject(json['grantor'], `${path}.grantor`);
  return {
    id: readString(json['id'], `${path}.id`),
    status: readWord(json['status'], `${path}.status`, consentStatuses),
    period: {
      // No start: not a number, which the decision reads as never begun.
      start: readOptional(period['start'], `${path}.period.start`, readInstant) ?? Number.NaN,
      end: readOptional(period['end'], `${path}.period.end`, readInstant),
    },
    withdrawnAt: readOptional(json['withdrawnAt'], `${path}.withdrawnAt`, readInstant),
    supersedes: readOptional(json['supersedes'], `${path}.supersedes`, readString),
    grantor: {
      type: readWord(grantor['type'], `${path}.grantor.type`, grantorTypes),
      ref: readOptional(grantor['ref'], `${path}.grantor.ref`, readString),
      revoked: readOptional(grantor['revoked'], `${path}.grantor.revoked`, readBoolean),
      capacityAtGrant: readOptional(
        grantor['capacityAtGrant'],
        `${path}.grantor.capacityAtGrant`,
        readCapacity,
      ),
    },
    evidence: readOptional(json['evidence'], `${path}.evidence`, readEvidence),
    rules: readList(json['rules'], `${path}.rules`, readRule),
  };
}

function readEvidence(value: unknown, path: string): Evidence {
  const json = readObject(value, path);
  return {
    kind: readWord(json['kind'], `${path}.kind`, evidenceKinds),
    attestedAt: readOptional(json['attestedAt'], `${path}.attestedAt`, readInstant),
    formReceivedAt: readOptional(json['formReceivedAt'], `${path}.formReceivedAt`, readInstant),
  };
}

function readRule(value: unknown, path: string): ConsentRule {
  const json = readObject(value, path);
  return {
    type: readWord(json['type'], `${path}.type`, ['permit', 'deny']),
    recordTypes: readOptional(json['recordTypes'], `${path}.recordTypes`, readStrings),
    purposes: readOptional(json['purposes'], `${path}.purposes`, readStrings),
    actors: readOptional(json['actors'], `${path}.actors`, readStrings),
    sections: readOptional(json['sections'], `${path}.sections`, readStrings),
    includesEmergency: readOptional(
      json['includesEmergency'],
      `${path}.includesEmergency`,
      readBoolean,
    ),
  };
}

export function readOverride(value: unknown, path: string): Override {
  const json = readObject(value, path);
  const type = readWord(json['type'], `${path}.type`, overrideTypes);
  if (type === 'break-glass') {
    return {
      type,
      justification: readOptional(json['justification'], `${path}.justification`, readString),
    };
  }
  const sections = readOptional(json['sections'], `${path}.sections`, readStrings);
  const tipOffRisk = readOptional(json['tipOffRisk'], `${path}.tipOffRisk`, readBoolean);
  if (type !== 'safeguarding') {
    return {
      type,
      ref: readOptional(json['ref'], `${path}.ref`, readString),
      sections,
      tipOffRisk,
    };
  }
  return {
    type,
    authoriser: readOptional(json['authoriser'], `${path}.authoriser`, readString),
    rationale: readOptional(json['rationale'], `${path}.rationale`, readString),
    abuseTypes: readOptional(json['abuseTypes'], `${path}.abuseTypes`, readStrings),
    sections,
    tipOffRisk,
  };
}
