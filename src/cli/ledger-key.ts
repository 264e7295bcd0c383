/** `jetway ledger key`: the public key with which auditors verify the ledger (c2sp.org/signed-note). */
import { loadConfig } from '../config/load-config.ts';
import { formatVerifierKey } from '../tlog/verifier-key.ts';
import { witnessOf } from './administration.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';

export const ledgerKeyCommand: Command = {
  name: 'ledger key',
  summary: 'print the verifier key of the ledger, for auditors',
  usage: `jetway ledger key

Prints the public half of JETWAY_LEDGER_KEY_FILE as auditors need it for \`jetway ledger verify --verifier-key\`:
origin+id+base64. It is no secret; hand it to them by a way that nobody can change it on. Where the key was
changed, they need the ones before it too. Needs the gateway's settings and no database.

Exit code: 0, 1 the configuration has faults, 2 the arguments cannot be used.`,
  async run(args, io) {
    parseOptions(args, {});
    const { signer } = witnessOf(loadConfig(io.env));
    for (const key of signer.keys) io.out(formatVerifierKey(key));
    return 0;
  },
};
