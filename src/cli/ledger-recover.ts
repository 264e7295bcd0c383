/** `jetway ledger recover`: after a restore that lost entries, goes on in a new log that names the loss. */
import { systemClock } from '../clock.ts';
import { recoverLedger } from '../ledger/recover-ledger.ts';
import { operatorName, withDatabase, witnessOf } from './administration.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';

export const ledgerRecoverCommand: Command = {
  name: 'ledger recover',
  summary: 'after a restore that lost entries: declare the loss and go on in a new log',
  usage: `jetway ledger recover

For a database that does not hold what the last checkpoint says was there: restored from a backup, or
promoted from a replica that lagged. First look for a better copy. Withdrawals of consent may be among
what is lost: ask the partners before the door opens again. Opens a new log under a new origin, whose first
entry names the old one and its last checkpoint; hand auditors the new origin. Refuses where nothing is lost.

Exit code: 0 a new log was opened, 1 there is nothing to recover, 2 the arguments cannot be used.`,
  async run(args, io) {
    parseOptions(args, {});
    const recovery = await withDatabase(io.env, (database, config) =>
      recoverLedger({
        ...witnessOf(config),
        database,
        clock: systemClock,
        operator: operatorName(config),
      }),
    );
    if (!recovery.recovered) {
      io.err(recovery.reason);
      return 1;
    }
    const { origin, heldEntries, signedEntries, keptAside } = recovery;
    io.out(`a new log was opened: ${origin}`);
    io.out(`the old one holds ${heldEntries} entries; ${signedEntries} had been signed`);
    io.out(`its last checkpoint lies in ${keptAside}: keep it for auditors`);
    return 0;
  },
};
