/**
 * What the gateway could not have written stops whoever reads it: a null where the schema allows none, a number beyond
 * 2^53, a column of another type, a table that is gone. That is a finding about the database, and no failure of the
 * verification, so it must not end as one that could not be made.
 */
import { contentFailure } from '../../database/postgres-errors.ts';
import { EnoughFindings, type Findings } from './findings.ts';

export interface Place {
  log: number;
  /** For the finding: tables, or what they hold. */
  tables: string;
  findings: Findings;
}

/**
 * Throws EnoughFindings where what `work` read is nothing of the gateway's: after a statement that failed PostgreSQL
 * answers no other in the transaction. Requires `work` to do nothing but read a snapshot that stands already.
 */
export async function readOrFind<T>(
  { log, tables, findings }: Place,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const sign = oddness(error);
    if (sign === undefined) throw error;
    findings.addFault(
      log,
      `in ${tables} is what the gateway never writes, or something is missing (${sign}): nothing further was verified`,
    );
    throw new EnoughFindings();
  }
}

/**
 * The SQLSTATE, or the class of our own error over a row; never a message, which may quote values. A fault of ours that
 * has such a class is told as a finding too, rather than passed over.
 */
function oddness(error: unknown): string | undefined {
  if (error instanceof TypeError || error instanceof RangeError) return error.name;
  return contentFailure(error);
}
