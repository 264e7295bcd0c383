/** What a verification of the ledger found wrong, gathered up to a bound: a ruined ledger is told soon. */

export interface Finding {
  log: number;
  /** The entry concerned, where it is one. */
  index?: number;
  /** A clause for an auditor. Never personal data, nor any value of an entry. */
  finding: string;
}

const maxFindings = 100;

/** Thrown to end a verification that has found enough, or something beyond which it cannot read. */
export class EnoughFindings extends Error {
  override readonly name = 'EnoughFindings';
}

export interface Findings {
  readonly list: readonly Finding[];
  /** Throws EnoughFindings with the one that makes it `maxFindings`. */
  add(log: number, finding: string, index?: number): void;
}

export function createFindings(): Findings {
  const list: Finding[] = [];
  return {
    list,
    add(log, finding, index) {
      list.push(index === undefined ? { log, finding } : { log, index, finding });
      if (list.length >= maxFindings) throw new EnoughFindings();
    },
  };
}
