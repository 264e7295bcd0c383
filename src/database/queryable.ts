/**
 * What every store function takes first: something that runs one statement, be it the pool, an open
 * transaction or the ledger's own connection. A store never learns which.
 */
export interface Statement {
  readonly text: string;
  /** Names a prepared statement, for the hot ones; one name stands for one text for good. */
  readonly name?: string;
}

export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** Rows returned or touched; 0 where the command counts none. */
  readonly rowCount: number;
  /** What the server says it did: `SELECT`, `INSERT`, `COMMIT`; a failed transaction's commit says `ROLLBACK`. */
  readonly commandTag: string;
}

export interface Queryable {
  /**
   * Runs one statement. Without values the text may hold several, separated by semicolons (one round
   * trip, a snapshot each); the last one's answer is returned. `Row` is the caller's word for what the
   * statement selects: bigint is a number, timestamptz a Date, date and numeric are text, bytea a Buffer.
   */
  query<Row extends object = Record<string, unknown>>(
    statement: string | Statement,
    values?: readonly unknown[],
  ): Promise<Rows<Row>>;
}
