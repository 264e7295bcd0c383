/** `jetway ledger verify`: recomputes the whole ledger and tells every fault. */
import { type LedgerVerification, verifyLedger } from '../ledger/verification/verify-ledger.ts';
import { withDatabase, witnessOf } from './administration.ts';
import { parseOptions } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';

export const ledgerVerifyCommand: Command = {
  name: 'ledger verify',
  summary: 'recompute the whole ledger from its bytes and tell every fault',
  usage: `jetway ledger verify [--json]

Reads every entry, opens its commitment, compares the search rows, and recomputes the tree, the block
roots and every checkpoint, the one outside the database included. Stops after a hundred findings.
The gateway may be in use meanwhile.

  --json   the findings and the logs as one JSON object

Exit code: 0 all is well, 1 there are findings, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { json } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const verification = await withDatabase(io.env, (database, config) =>
      verifyLedger(database, witnessOf(config)),
    );
    if (json) io.out(JSON.stringify(verification, null, 2));
    else show(verification, io);
    return verification.findings.length === 0 ? 0 : 1;
  },
};

function show({ findings, isComplete, logs }: LedgerVerification, io: CommandIo): void {
  for (const { log, origin, entries, checkpoints, root } of logs) {
    io.out(`log ${log}  ${origin}  ${entries} entries  ${checkpoints} checkpoints  root ${root}`);
  }
  for (const { log, index, finding } of findings) {
    io.err(`log ${log}${index === undefined ? '' : `, entry ${index}`}: ${finding}`);
  }
  if (findings.length === 0) io.out('the ledger verifies');
  else if (isComplete) io.err(`the ledger does not verify: findings ${findings.length}`);
  else io.err(`the ledger does not verify: given up after ${findings.length} findings`);
}
