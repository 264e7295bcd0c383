/**
 * The shape of a problem type (RFC 9457 section 3.1): what every problem document of one code has in
 * common. A type names a group of codes, so that a client can react to groups without knowing each code.
 */
export type ProblemGroup =
  | 'door'
  | 'agreement'
  | 'identity'
  | 'consent'
  | 'purpose'
  | 'override'
  | 'request'
  | 'record'
  | 'conflict'
  | 'delivery'
  | 'idempotency'
  | 'precondition'
  | 'assertion'
  | 'availability';

export interface ProblemType {
  type: `urn:jetway:problem:${ProblemGroup}` | 'about:blank';
  status: number;
  title: string;
  /** What the partner's engineer should do, where the error itself says nothing more exact. */
  detail?: string;
  /** Where the error names no other time. */
  retryAfterSeconds?: number;
  /** Every document of this code is the same but for `instance`, whatever the error says. */
  isUniform?: true;
}

export function problemType(
  group: ProblemGroup,
  status: number,
  title: string,
  detail: string,
  retryAfterSeconds?: number,
): ProblemType {
  const type = `urn:jetway:problem:${group}` as const;
  return {
    type,
    status,
    title,
    detail,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}
