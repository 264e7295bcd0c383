/**
 * The identity schemes of one deployment, found by the `system` that a partner names. Shipped: NHS number,
 * CHI number, H&C number, local ids; each is switched on by its name.
 */
import { isSameText } from '../../encoding/same-text.ts';
import { chiNumberScheme } from './chi-number.ts';
import { hcNumberScheme } from './hc-number.ts';
import type { IdentityScheme } from './identity-scheme.ts';
import { isLocalSystem, localIdScheme } from './local-id.ts';
import { type NhsNumberRanges, nhsNumberScheme } from './nhs-number.ts';

export interface IdentitySettings {
  ranges: NhsNumberRanges;
  /** Names of schemes: `nhs-number`, `chi-number`, `hc-number`, `local-id`. */
  enabled: readonly string[];
}

export interface IdentitySchemes {
  /** Peer-controlled input. Undefined when no scheme that is switched on has that system. */
  find(system: string): IdentityScheme | undefined;
  /**
   * The national scheme that is switched on and that a document means, also where its letter case or the space
   * around it is another than ours: a redaction cuts that one too, so it must not pass for a system that nobody knows.
   */
  findNational(system: string): IdentityScheme | undefined;
  /** The national scheme, switched on or not, whose numbers are meant by a system that goes by another name. */
  findMisnamed(system: string): IdentityScheme | undefined;
}

/** Throws TypeError for a name that is none: a misspelt scheme must not start silently without it. */
export function createIdentitySchemes({ ranges, enabled }: IdentitySettings): IdentitySchemes {
  const national = [nhsNumberScheme(ranges), chiNumberScheme, hcNumberScheme];
  const known = [...national.map(({ name }) => name), 'local-id'];
  const unknown = enabled.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`no identity scheme is called ${unknown}`);
  const inUse = national.filter(({ name }) => enabled.includes(name));
  const findMisnamed = (system: string) =>
    national.find(
      (one) =>
        !isSameText(one.system, system) &&
        [one.system, ...one.otherSystems].some((name) => bareName(name) === bareName(system)),
    );
  return {
    findMisnamed,
    findNational: (system) => inUse.find((one) => isSameText(one.system, system)),
    find(system) {
      const scheme = national.find((one) => isSameText(one.system, system));
      // A national system that is switched off stays off: it is nobody's local one.
      if (scheme) return enabled.includes(scheme.name) ? scheme : undefined;
      const isLocal = enabled.includes('local-id') && isLocalSystem(system);
      return isLocal && !findMisnamed(system) ? localIdScheme(system) : undefined;
    },
  };
}

/** Without what people leave out or write otherwise: letter case, the URI's scheme, `www.`, port, slashes, a query. */
function bareName(system: string): string {
  const text = system.trim().toLowerCase();
  const oid = /^(?:urn:)?(?:oid:)?(\d+(?:\.\d+)+)\.?$/.exec(text)?.[1];
  if (oid !== undefined) return oid;
  const address = /^https?:\/\//.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return text;
  const { hostname, pathname } = new URL(address);
  const host = hostname.replace(/^www\./, '').replace(/\.$/, '');
  return [host, ...pathname.split('/').filter((part) => part !== '')].join('/');
}
