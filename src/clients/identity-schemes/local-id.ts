/**
 * An organisation's own identifier for a person, under a URI of that organisation: the number in its care
 * system, or any scheme that the gateway does not know. Means nothing outside that organisation.
 */
import { accepted, type IdentityScheme, refused } from './identity-scheme.ts';

const maxSystemLength = 255;
/** Letters of ASCII only, so that two that look the same are the same; case counts. */
const localValue = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/;
const httpsUri = /^https:\/\/[a-z0-9][a-z0-9.-]*(?:\/[A-Za-z0-9._~/-]*)?$/;
const urn = /^urn:[a-z0-9][a-z0-9-]{1,31}:[A-Za-z0-9._:/-]+$/;

const odd = {
  rule: 'format',
  detail: 'must be 64 letters, digits and ._/- at most, of which the first a letter or digit',
} as const;

/** Peer-controlled input. */
export function isLocalSystem(system: string): boolean {
  return system.length <= maxSystemLength && (httpsUri.test(system) || urn.test(system));
}

export function localIdScheme(system: string): IdentityScheme {
  return {
    name: 'local-id',
    system,
    otherSystems: [],
    scope: 'organisation',
    validate: (value) => (localValue.test(value) ? accepted(value) : refused(odd)),
    format: (value) => value,
  };
}
