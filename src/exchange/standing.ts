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

/** Reads again only what has changed. Requires a transaction that holds the head's lock. */
export type ReadStanding = (tx: Queryable, moment: Moment) => Promise<Standing>;

export function standingReader(): ReadStanding {
  let register: Register | undefined;
  let agreements: AgreementBook | undefined;
  return async (tx, moment) => {
    if (register?.version !== moment.registerVersion) register = await loadRegister(tx);
    if (agreements?.version !== moment.agreementsVersion) {
      agreements = await loadAgreements(tx, moment.agreementsVersion);
    }
    return { register, agreements };
  };
}
