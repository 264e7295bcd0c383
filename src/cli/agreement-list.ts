/** `jetway agreement list`: every agreement with its newest version and whether it is in force. */
import { findAgreementVersions } from '../agreements/agreement-store.ts';
import { systemClock } from '../clock.ts';
import { withDatabase } from './administration.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';

export const agreementListCommand: Command = {
  name: 'agreement list',
  summary: 'list agreements, and whether they are in force',
  usage: `jetway agreement list [--json]

One line an agreement: id, version, whether it is in force, its period and title.

  --json   one JSON array instead, with the whole documents

Exit code: 0, 1 it could not be read, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { json } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const versions = await withDatabase(io.env, findAgreementVersions);
    const at = systemClock.now().getTime();
    const agreements = versions.map(({ id, version, document, ended }) => {
      return { id, version, status: ended ? 'ended' : statusAt(document.period, at), document };
    });
    if (json) io.out(JSON.stringify(agreements, null, 2));
    for (const { id, version, status, document } of json ? [] : agreements) {
      const { from, until } = document.period;
      io.out(`${id}  version ${version}  ${status}  ${from} until ${until}  ${document.title}`);
    }
    return 0;
  },
};

function statusAt({ from, until }: { from: string; until: string }, at: number): string {
  if (at < Date.parse(from)) return 'not yet';
  return at < Date.parse(until) ? 'in force' : 'expired';
}
