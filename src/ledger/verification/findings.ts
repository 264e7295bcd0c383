/** What a verification of the ledger found wrong, gathered up to a bound: a ruined ledger is told soon. */

export interface Finding {
  log: number;
  /** The entry concerned, where it is one. */
  index?: number;
  /** A clause for an auditor. Never personal data, nor any value of an entry. */
  finding: string;
}

const maxFaults = 100;
/** Of misfits, so many of a kind in each log. */
const maxAlike = 20;

/** Thrown to end a verification that has found enough, or something beyond which it cannot read. */
export class EnoughFindings extends Error {
  override readonly name = 'EnoughFindings';
}

export interface Findings {
  readonly list: readonly Finding[];
  /** How many there are of what was stored and is not what it was. */
  readonly faultCount: number;
  /** Of what was stored. Throws EnoughFindings with the one that makes it `maxFaults`. */
  addFault(log: number, finding: string, index?: number): void;
  /**
   * Of what is stored as it was written, and does not fit: an act of nobody's, a time ahead, a lock. It may stand there
   * for good, so it neither counts towards the bound nor keeps anything from being compared.
   */
  addMisfit(log: number, finding: string, index?: number): void;
}

export function createFindings(): Findings {
  const told: Finding[] = [];
  const alike = new Map<string, { log: number; finding: string; count: number }>();
  let faults = 0;

  function tell(log: number, finding: string, index: number | undefined): void {
    told.push(index === undefined ? { log, finding } : { log, index, finding });
  }

  return {
    get list() {
      const more = [...alike.values()].flatMap(({ log, finding, count }) =>
        count > maxAlike ? [{ log, finding: `${finding}: ${count - maxAlike} more entries` }] : [],
      );
      return [...told, ...more];
    },
    get faultCount() {
      return faults;
    },
    addFault(log, finding, index) {
      tell(log, finding, index);
      faults += 1;
      if (faults >= maxFaults) throw new EnoughFindings();
    },
    addMisfit(log, finding, index) {
      const kind = `${log} ${finding}`;
      const count = (alike.get(kind)?.count ?? 0) + 1;
      alike.set(kind, { log, finding, count });
      if (count <= maxAlike) tell(log, finding, index);
    },
  };
}
