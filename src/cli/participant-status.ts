/** `jetway participant suspend` and `restore`: the door closes to an organisation, or opens again. */

import type { AdministrativeResult } from '../ledger/administrative-act.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { restoreParticipant, suspendParticipant } from '../participants/suspend-participant.ts';
import { reportResult, withLedger } from './administration.ts';
import { parseOptions, required } from './arguments.ts';
import type { Command } from './command.ts';

type Change = (ledger: Ledger, odsCode: string, operator: string) => Promise<AdministrativeResult>;

function standingCommand(
  verb: string,
  summary: string,
  explanation: string,
  change: Change,
): Command {
  return {
    name: `participant ${verb}`,
    summary,
    usage: `jetway participant ${verb} --ods CODE

${explanation}

Exit code: 0 done or nothing to do, 1 refused, 2 the arguments cannot be used.`,
    async run(args, io) {
      const odsCode = required(parseOptions(args, { ods: { type: 'string' } }).ods, '--ods');
      const result = await withLedger(io.env, ({ ledger, operator }) =>
        change(ledger, odsCode, operator),
      );
      return reportResult(result, `${verb} ${odsCode}`, io);
    },
  };
}

export const participantSuspendCommand = standingCommand(
  'suspend',
  'close the door to an organisation, open connections included',
  'Refuses every request of the organisation from the next one on, and closes its connections.',
  suspendParticipant,
);

export const participantRestoreCommand = standingCommand(
  'restore',
  'let a suspended organisation in again',
  'Takes a suspension back. Certificates that were revoked stay revoked.',
  restoreParticipant,
);
