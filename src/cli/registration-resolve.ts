/** `jetway registration resolve`: closes a registration that contradicted what is held. */
import { resolveRegistration } from '../clients/resolve-registration.ts';
import { reportResult, withLedger } from './administration.ts';
import { parseOptions, required, UsageError } from './arguments.ts';
import type { Command } from './command.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const registrationResolveCommand: Command = {
  name: 'registration resolve',
  summary: 'close a registration that contradicted what is held',
  usage: `jetway registration resolve --id UUID --note TEXT

Closes the registration and destroys what had been sent. Merges and changes nobody: whoever was right
registers again. The note stays in the ledger.

  --id UUID     as \`jetway registration list\` prints it
  --note TEXT   what was found out. No names, dates of birth or numbers of people

Exit code: 0 done or nothing to do, 1 refused, 2 the arguments cannot be used.`,
  async run(args, io) {
    const options = parseOptions(args, { id: { type: 'string' }, note: { type: 'string' } });
    const id = required(options.id, '--id').toLowerCase();
    if (!uuid.test(id)) throw new UsageError('--id must be a UUID');
    const note = required(options.note, '--note');
    const result = await withLedger(io.env, ({ ledger, operator }) =>
      resolveRegistration(ledger, { id, note }, operator),
    );
    return reportResult(result, `registration ${id}`, io);
  },
};
