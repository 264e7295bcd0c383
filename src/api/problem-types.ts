/** Every code's public face. A code without one does not compile; docs/problems.md explains each. */
import type { DoorCode, ErrorCode } from '../errors/error-code.ts';
import { doorProblems } from './door-problems.ts';
import type { ProblemType } from './problem-type.ts';
import { refusalProblems } from './refusal-problems.ts';
import { requestProblems } from './request-problems.ts';

const type = 'urn:jetway:problem:door';

/** The door's texts, also where the register refuses later, under the ledger's lock. */
const door = {
  CERTIFICATE_MISSING: { type, ...doorProblems.CERTIFICATE_MISSING },
  CERTIFICATE_UNTRUSTED: { type, ...doorProblems.CERTIFICATE_UNTRUSTED },
  CERTIFICATE_NOT_YET_VALID: { type, ...doorProblems.CERTIFICATE_NOT_YET_VALID },
  CERTIFICATE_EXPIRED: { type, ...doorProblems.CERTIFICATE_EXPIRED },
  CERTIFICATE_PROFILE: { type, ...doorProblems.CERTIFICATE_PROFILE },
  CERTIFICATE_UNKNOWN: { type, ...doorProblems.CERTIFICATE_UNKNOWN },
  CERTIFICATE_REVOKED: { type, ...doorProblems.CERTIFICATE_REVOKED },
  PARTICIPANT_SUSPENDED: { type, ...doorProblems.PARTICIPANT_SUSPENDED },
  TOO_MANY_CONNECTIONS: { type, ...doorProblems.TOO_MANY_CONNECTIONS, retryAfterSeconds: 5 },
  GATEWAY_CLOSED: { type, ...doorProblems.GATEWAY_CLOSED, retryAfterSeconds: 5 },
} satisfies Record<DoorCode, ProblemType>;

export const problemTypes: Readonly<Record<ErrorCode, ProblemType>> = {
  ...door,
  ...refusalProblems,
  ...requestProblems,
} satisfies Record<ErrorCode, ProblemType>;
