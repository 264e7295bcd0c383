/**
 * What a document says of whom it is about: identifiers in the normal form of their schemes, and the birth
 * date, each with its place. Only read here; person-mismatch.ts compares.
 */
import type { IdentityScheme } from '../clients/identity-schemes/identity-scheme.ts';
import type { IdentitySchemes } from '../clients/identity-schemes/identity-scheme-registry.ts';
import { formatPointer } from '../encoding/json-pointer.ts';
import { ownMember } from '../encoding/own-member.ts';
import type { Fault } from '../errors/gateway-error.ts';
import type { PersonPlaces } from './person-places.ts';

export interface ClaimedIdentifier {
  /** JSON Pointer into the document. */
  readonly pointer: string;
  readonly system: string;
  readonly value: string;
  readonly scope: IdentityScheme['scope'];
}

export interface PersonClaim {
  /** Those of a system that the gateway knows; of others it cannot say whose they are. */
  readonly identifiers: readonly ClaimedIdentifier[];
  readonly birthDates: readonly { readonly pointer: string; readonly value: string }[];
}

/**
 * Requires a document that its schema accepts. Numbers of a national scheme that are none are faults, by the
 * rules that a trace has for them; so are those under another name of their system, which no redaction would find.
 */
export function readPersonClaim(
  sections: Readonly<Record<string, unknown>>,
  { section, identifiers, birthDate }: PersonPlaces,
  schemes: IdentitySchemes,
): { readonly claim: PersonClaim; readonly faults: readonly Fault[] } {
  const person: Place = { path: ['sections', section], value: sections[section] };
  const read = placesAt(person, identifiers).map((place) => readIdentifier(place, schemes));
  return {
    claim: {
      identifiers: read.flatMap(({ identifier }) => identifier ?? []),
      birthDates: placesAt(person, birthDate).flatMap(({ path, value }) =>
        typeof value === 'string' ? [{ pointer: formatPointer(path), value }] : [],
      ),
    },
    faults: read.flatMap(({ fault }) => fault ?? []),
  };
}

function readIdentifier(
  { path, value: entry }: Place,
  schemes: IdentitySchemes,
): { identifier?: ClaimedIdentifier; fault?: Fault } {
  const system = ownMember(entry, 'system');
  const value = ownMember(entry, 'value');
  if (typeof system !== 'string' || typeof value !== 'string') return {};
  const misnamed = schemes.findMisnamed(system);
  if (misnamed) {
    const detail = `must be ${misnamed.system}, which stands for these numbers`;
    return { fault: { pointer: formatPointer([...path, 'system']), rule: 'system', detail } };
  }
  const pointer = formatPointer([...path, 'value']);
  const national = schemes.findNational(system);
  if (!national) {
    // any URI may be a system of local ids, whose form is their organisation's affair
    const local = schemes.find(system);
    return local ? { identifier: { pointer, system, value, scope: local.scope } } : {};
  }
  const { scope } = national;
  const verdict = national.validate(value);
  return verdict.ok
    ? { identifier: { pointer, system: national.system, value: verdict.value, scope } }
    : { fault: { pointer, rule: verdict.rule, detail: verdict.detail } };
}

interface Place {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Everything that a path of the schema leads to, which is nothing where the document leaves it out. */
function placesAt(from: Place, path: readonly string[]): readonly Place[] {
  return path.reduce<readonly Place[]>(
    (places, segment) => places.flatMap((place) => step(place, segment)),
    [from],
  );
}

function step({ path, value }: Place, segment: string): readonly Place[] {
  if (Array.isArray(value)) {
    return segment === '*'
      ? value.map((element, i) => ({ path: [...path, i], value: element }))
      : [];
  }
  const member = ownMember(value, segment);
  return member === undefined ? [] : [{ path: [...path, segment], value: member }];
}
