/** `jetway agreement list`: every agreement with its newest version and whether it is in force. */
import { findAgreementVersions } from '../agreements/agreement-store.ts';
import { systemClock } from '../clock.ts';
import { withDatabase } from './administration.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';
import { showList } from './listing.ts';

export const agreementListCommand: Command = {
  name: 'agreement list',
  summary: 'list agreements, and whether they are in force',
  usage: `jetway agreement list [--json]

One line an agreement: id, version, whether it is in force, its period and title. Of one that was ended before
its time, when that was instead of its period.

  --json   one JSON array instead, with the whole documents

Exit code: 0, 1 it could not be read, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { json } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const versions = await withDatabase(io.env, findAgreementVersions);
    const at = systemClock.now().getTime();
    const agreements = versions.map(({ id, version, document, endedAt }) => ({
      ...{ id, version, status: endedAt ? 'ended' : statusAt(document.period, at) },
      ...{ endedAt: endedAt?.toISOString() ?? null, document },
    }));
    showList(io, agreements, {
      isJson: json,
      asJson: (agreement) => agreement,
      asLines: ({ id, version, status, endedAt, document: { period, title } }) => {
        const inForce = endedAt ? `at ${endedAt}` : `${period.from} until ${period.until}`;
        return [`${id}  version ${version}  ${status}  ${inForce}  ${title}`];
      },
      none: 'there is no agreement',
    });
    return 0;
  },
};

function statusAt({ from, until }: { from: string; until: string }, at: number): string {
  if (at < Date.parse(from)) return 'not yet';
  return at < Date.parse(until) ? 'in force' : 'expired';
}
