/**
 * What may be logged of an error that nobody expected: class, code, where. Not its message: JSON.parse quotes
 * the body, PostgreSQL quotes the row (`Key (nhs_number)=(…) already exists`), and both may be a person's.
 */
import { GatewayError } from '../errors/gateway-error.ts';

export interface ErrorDigest {
  class: string;
  /** SQLSTATE, a Node error code, or ours. */
  code?: string;
  /** PostgreSQL's names of the objects involved. */
  constraint?: string;
  table?: string;
  /** Frames alone. */
  stack?: readonly string[];
  cause?: ErrorDigest;
}

/** Names of ours and of PostgreSQL; anything else under such a member is not a name. */
const plainName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$|^[0-9A-Z]{5}$/;
const frame = /^ {4}at .*(:\d+:\d+\)?|<anonymous>\)?|native\)?)$/;
const deepestCause = 4;

function nameIn(error: object, member: string): string | undefined {
  const value: unknown = Reflect.get(error, member);
  return typeof value === 'string' && plainName.test(value) ? value : undefined;
}

/** The message is cut out first: it may hold lines that look like frames. */
function framesOf(error: Error): readonly string[] {
  const stack = error.stack ?? '';
  const at = error.message === '' ? -1 : stack.indexOf(error.message);
  const rest = at < 0 ? stack : stack.slice(at + error.message.length);
  return rest
    .split('\n')
    .filter((line) => frame.test(line))
    .map((line) => line.trim());
}

export function digestError(error: unknown, depth = 0): ErrorDigest {
  if (!(error instanceof Error)) return { class: typeof error };
  const digest: ErrorDigest = { class: error.constructor.name, stack: framesOf(error) };
  const code = error instanceof GatewayError ? error.code : nameIn(error, 'code');
  const constraint = nameIn(error, 'constraint');
  const table = nameIn(error, 'table');
  if (code !== undefined) digest.code = code;
  if (constraint !== undefined) digest.constraint = constraint;
  if (table !== undefined) digest.table = table;
  if (error.cause !== undefined && depth < deepestCause)
    digest.cause = digestError(error.cause, depth + 1);
  return digest;
}
