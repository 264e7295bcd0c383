/**
 * What a partner says of a person's identity, checked for form and in the gateway's own terms: identifiers
 * normalised by their schemes, names as comparison keys.
 */
import { heldSystem } from '../clients/identity-schemes/identity-scheme.ts';
import type { IdentitySchemes } from '../clients/identity-schemes/identity-scheme-registry.ts';
import { nameKey } from '../clients/name-comparison.ts';
import type { Identifier } from '../clients/person-store.ts';
import { GatewayError } from '../errors/gateway-error.ts';

/** schemas/api/trace-request.json: exactly one of nhsNumber and identifier. */
export interface TraceRequest {
  nhsNumber?: string;
  identifier?: { system: string; value: string };
  birthDate: string;
  familyName: string;
  relationship?: { kind: string };
  register?: boolean;
  nhsNumberStatus?: string;
  localIds?: readonly { system: string; value: string }[];
  previousFamilyNames?: readonly string[];
}

export interface TracedIdentity {
  identifier: Identifier;
  /** Each once, and none that is `identifier`. */
  localIds: readonly Identifier[];
  birthDate: string;
  /** Empty where the name has no letters: it then equals nothing. */
  nameKey: string;
  /** Each once, and none that is `nameKey`. */
  previousNameKeys: readonly string[];
}

const nhsNumberSystem = 'https://fhir.nhs.uk/Id/nhs-number';

/** Throws IDENTITY_INVALID naming the member and the rule. */
export function readIdentity(
  schemes: IdentitySchemes,
  organisation: string,
  trace: TraceRequest,
): TracedIdentity {
  const main =
    trace.nhsNumber === undefined
      ? { pointer: '/identifier', given: trace.identifier }
      : { pointer: '/nhsNumber', given: { system: nhsNumberSystem, value: trace.nhsNumber } };
  const identifier = readIdentifier(schemes, organisation, main.given, main.pointer);
  const localIds = (trace.localIds ?? []).map((given, i) =>
    readIdentifier(schemes, organisation, given, `/localIds/${i}`),
  );
  const current = nameKey(trace.familyName);
  const previous = new Set((trace.previousFamilyNames ?? []).map(nameKey));
  return {
    identifier,
    localIds: withoutRepetitions([identifier, ...localIds]).slice(1),
    birthDate: trace.birthDate,
    nameKey: current,
    previousNameKeys: [...previous].filter((key) => key !== '' && key !== current),
  };
}

/** Spellings that the schema takes for several are one number to a scheme. The first of each stays where it was. */
function withoutRepetitions(identifiers: readonly Identifier[]): readonly Identifier[] {
  return identifiers.filter(
    (one, at) => identifiers.findIndex((other) => isSameIdentifier(one, other)) === at,
  );
}

/** Requires normalised values. */
export function isSameIdentifier(one: Identifier, other: Identifier): boolean {
  return one.system === other.system && one.value === other.value;
}

function readIdentifier(
  schemes: IdentitySchemes,
  organisation: string,
  given: { system: string; value: string } | undefined,
  pointer: string,
): Identifier {
  const scheme = given && schemes.find(given.system);
  if (!scheme) throw invalid(pointer, 'system', 'must be of an identity scheme of this gateway');
  const verdict = scheme.validate(given.value);
  if (!verdict.ok) throw invalid(pointer, verdict.rule, verdict.detail);
  return { system: heldSystem(scheme, organisation), value: verdict.value };
}

function invalid(pointer: string, rule: string, detail: string): GatewayError {
  return new GatewayError('IDENTITY_INVALID', { errors: [{ pointer, rule, detail }] });
}
