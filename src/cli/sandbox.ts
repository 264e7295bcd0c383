/** `jetway sandbox`: the first five minutes, a borough of made-up people behind real doors. */
import { parseArgs } from 'node:util';
import { systemClock } from '../clock.ts';
import { runSandbox } from '../sandbox/run-sandbox.ts';
import type { Command } from './command.ts';

const usage = `jetway sandbox [--once]

Brings up PostgreSQL, development certificates, a gateway, and a borough of 200 made-up people; plays a first
exchange through the real doors, prints what happened and what to paste into a shell, and stays up
until Ctrl-C. A second start uses what is there.

  --once   play, print, stop
  --help   this text

JETWAY_EXCHANGE_PORT (8443) and JETWAY_OPERATIONS_PORT (9464) choose ports, 0 takes any free one;
JETWAY_SANDBOX_DIR moves everything that it writes. Scripts read sandbox.json, by default in var/sandbox.

Exit code: 0 all as expected, 1 something was not or could not start, 2 the arguments cannot be used.`;

export const sandboxCommand: Command = {
  name: 'sandbox',
  summary: 'try everything with made-up people: starts a database, a gateway and partners',
  usage,
  async run(args, io) {
    let isOnce: boolean;
    try {
      const { values } = parseArgs({
        args: [...args],
        options: {
          once: { type: 'boolean', default: false },
          help: { type: 'boolean', default: false },
        },
      });
      if (values.help) {
        io.out(usage);
        return 0;
      }
      isOnce = values.once;
    } catch (error) {
      io.err(error instanceof Error ? error.message : 'the arguments cannot be used');
      io.err(usage);
      return 2;
    }
    return runSandbox({
      environment: io.env,
      clock: systemClock,
      print: io.out,
      printFault: io.err,
      isOnce,
    });
  },
};
