/**
 * The register and the agreements as they stand at a moment of the ledger. Both change only under the
 * head's lock and raise its versions, so what a node remembers is exact while the versions are the same.
 */
import { loadAgreements } from '../agreements/agreement-store.ts';
import type { AgreementBook } from '../agreements/coverage.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Moment } from '../ledger/work.ts';
import type { Register } from '../participants/register.ts';
import { loadRegister } from '../participants/register-store.ts';

export interface Standing {
  register: Register;
  agreements: AgreementBook;
}

/** The versions of a head, read before what they are versions of. */
export type StandingVersions = Pick<Moment, 'timeline' | 'registerVersion' | 'agreementsVersion'>;

/** Reads again only what has changed. Exact in a transaction that holds the head's lock. */
export type ReadStanding = (queryable: Queryable, head: StandingVersions) => Promise<Standing>;

export function standingReader(): ReadStanding {
  let register: Register | undefined;
  let agreements: AgreementBook | undefined;
  let readOf = '';
  return async (queryable, { timeline, registerVersion, agreementsVersion }) => {
    if (timeline !== readOf) [register, agreements] = [undefined, undefined];
    readOf = timeline;
    if (register?.version !== registerVersion) {
      register = await loadRegister(queryable, registerVersion);
    }
    if (agreements?.version !== agreementsVersion) {
      agreements = await loadAgreements(queryable, agreementsVersion);
    }
    return { register, agreements };
  };
}
