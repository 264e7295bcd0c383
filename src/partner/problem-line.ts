/** What a refusal is to people: status, code, and what to do; with the faults of a document, which name no values. */
import type { Reply } from './partner-client.ts';
import { listOf, textOf } from './reply-members.ts';

/** Status and code, as programs take them. */
export function problemOf({ status, body }: Reply): { status: number; code: string } {
  return { status, code: textOf(body, 'code') };
}

function problemLines(reply: Reply): readonly string[] {
  const { status, code } = problemOf(reply);
  const faults = listOf(reply.body, 'errors').map(
    (fault) =>
      `  ${textOf(fault, 'pointer') || '(the whole document)'}: ${textOf(fault, 'detail')}`,
  );
  const first = [status, code, textOf(reply.body, 'detail')].filter(Boolean).join(' ');
  return [first, ...faults];
}

/** The gateway said no: `reply` is what it said. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly reply: Reply;

  constructor(what: string, reply: Reply) {
    super(`${what}: ${problemLines(reply).join('\n')}`);
    this.reply = reply;
  }
}

/** The reply, where it has one of the statuses. Throws RefusedError. */
export function accepted(reply: Reply, statuses: readonly number[], what: string): Reply {
  if (statuses.includes(reply.status)) return reply;
  throw new RefusedError(what, reply);
}
