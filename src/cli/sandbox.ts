/** `jetway sandbox`: the first five minutes, a borough of made-up people behind real doors. */
import { systemClock } from '../clock.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';

export const sandboxCommand: Command = {
  name: 'sandbox',
  summary: 'try it: a database, a gateway, partners and made-up people, with one command',
  usage: `jetway sandbox [--once]

Brings up PostgreSQL, development certificates, a gateway, and a borough of 200 made-up people; plays a first
exchange through the real doors, prints what happened and what to paste into a shell, and stays up
until Ctrl-C. A second start uses what is there.

  --once   play, print, stop

JETWAY_EXCHANGE_PORT (8443) and JETWAY_OPERATIONS_PORT (9464) choose ports, 0 takes any free one;
JETWAY_SANDBOX_DIR moves everything that it writes. Scripts read sandbox.json, by default in var/sandbox.

Exit code: 0 all as expected, 1 something was not or could not start, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { once: isOnce = false } = parseOptions(args, { once: { type: 'boolean' } });
    // the other commands need none of it, and are quicker without it
    const { runSandbox } = await import('../sandbox/run-sandbox.ts');
    return runSandbox({
      ...{ environment: io.env, clock: systemClock, isOnce },
      ...{ print: io.out, printFault: io.err },
    });
  },
};
