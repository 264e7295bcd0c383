/** `jetway registration list`: what waits for people to look at it. */
import { findOpenConflicts } from '../clients/registration-conflict-store.ts';
import { withDatabase } from './administration.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';
import { showList } from './listing.ts';

const most = 1_000;

export const registrationListCommand: Command = {
  name: 'registration list',
  summary: 'list registrations that contradict what is held and were not resolved',
  usage: `jetway registration list [--json]

One line a registration, the oldest first, ${most} at most: its id, when it came, who sent it, and how many
people it may concern. Shows nothing of them; who sent it was told the id, and knows whom it was about.

  --json   one JSON array instead, with the gateway's own ids of those people

Exit code: 0, 1 it could not be read, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { json } = parseOptions(args, { json: { type: 'boolean', default: false } });
    const conflicts = await withDatabase(io.env, (database) => findOpenConflicts(database, most));
    const shown = conflicts.map(({ id, organisation, personIds, recordedAt }) => {
      return { id, recordedAt: recordedAt.toISOString(), organisation, personIds };
    });
    showList(io, shown, {
      isJson: json,
      asJson: (registration) => registration,
      asLines: ({ id, recordedAt, organisation, personIds }) => [
        `${id}  ${recordedAt}  ${organisation}  people ${personIds.length}`,
      ],
      none: 'there is no registration that waits',
    });
    return 0;
  },
};
