/** `jetway agreement end`: nothing flows under an agreement any more. */
import { endSharingAgreement } from '../agreements/roll-out-agreement.ts';
import { reportResult, withLedger } from './administration.ts';
import { parseOptions, required } from './arguments.ts';
import type { Command } from './command.ts';

export const agreementEndCommand: Command = {
  name: 'agreement end',
  summary: 'end an agreement before its time',
  usage: `jetway agreement end --id ID

Ends the agreement at once: the next request that needs it is refused. \`jetway agreement apply\` puts it
in force again, as a new version.

Exit code: 0 done or nothing to do, 1 refused, 2 the arguments cannot be used.`,
  async run(args, io) {
    const id = required(parseOptions(args, { id: { type: 'string' } }).id, '--id');
    const result = await withLedger(io.env, ({ ledger, operator }) =>
      endSharingAgreement(ledger, id, operator),
    );
    return reportResult(result, `agreement ${id}`, io);
  },
};
