/**
 * What a failed statement means for the caller (PostgreSQL manual, appendix A: SQLSTATE). The error
 * itself may quote values of the row that failed, so only what is returned here may travel further.
 */
export type PostgresFailure =
  /** Class 23 on a named constraint; the name is what the domain maps to a code. */
  | { kind: 'constraint'; constraint: string; sqlState: string }
  /** Class 22, or 23 without a name: the input does not fit the column. */
  | { kind: 'data'; sqlState: string }
  /** Waited longer than allowed for a lock or for the statement itself. */
  | { kind: 'lock-timeout'; sqlState: string }
  /** The server or the way to it is gone; of a COMMIT the outcome is then unknown. */
  | { kind: 'unavailable'; sqlState: string | undefined }
  | { kind: 'other'; sqlState: string | undefined };

const waited = new Set(['55P03', '57014', '40P01', '40001']);
/** Connection, authorisation, resources, operator intervention; read-only means a replica was reached. */
const unavailableStates = /^(08|28|3D|53|57P|58|25006|25P03)/;
const unavailableSystemErrors = new Set([
  'CONNECTION_DEADLINE',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]);
/**
 * Of a statement that is right and may be run: values, constraints, names and types, limits, pages, and what functions
 * raise. 42501 is a privilege.
 */
const contentStates = /^(0A|2[123]|42(?!501)|54|P0|XX)/;
/** pg reports its own connection trouble by prose alone. */
const unavailableProse =
  /^(Connection terminated|timeout (expired|exceeded)|Client (was closed|has encountered)|Query read timeout|Cannot use a pool)/;

function property(error: object, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}

/** Never throws; anything that is no database error is `other`. */
export function postgresFailure(error: unknown): PostgresFailure {
  if (!(error instanceof Error)) return { kind: 'other', sqlState: undefined };
  const code = property(error, 'code');
  if (code !== undefined && unavailableSystemErrors.has(code))
    return { kind: 'unavailable', sqlState: undefined };
  if (unavailableProse.test(error.message)) return { kind: 'unavailable', sqlState: undefined };
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code))
    return { kind: 'other', sqlState: undefined };
  if (waited.has(code)) return { kind: 'lock-timeout', sqlState: code };
  if (unavailableStates.test(code)) return { kind: 'unavailable', sqlState: code };
  const constraint = property(error, 'constraint');
  if (code.startsWith('23') && constraint)
    return { kind: 'constraint', constraint, sqlState: code };
  if (code.startsWith('22') || code.startsWith('23')) return { kind: 'data', sqlState: code };
  return { kind: 'other', sqlState: code };
}

/** The SQLSTATE where the server could be asked, and what the database holds or lacks is why there is no answer. */
export function contentFailure(error: unknown): string | undefined {
  const { sqlState } = postgresFailure(error);
  return sqlState !== undefined && contentStates.test(sqlState) ? sqlState : undefined;
}
