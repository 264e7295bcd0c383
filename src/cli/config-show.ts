/** `jetway config show`: the configuration in force, with secrets left out. */
import { systemClock } from '../clock.ts';
import { describeConfig } from '../config/describe-config.ts';
import { loadConfig } from '../config/load-config.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';

export const configShowCommand: Command = {
  name: 'config show',
  summary: 'print the configuration in force, secrets left out',
  usage: `jetway config show

Prints every setting as one JSON object: what is set, else the default, else null. Checks everything that
the start of the gateway would check of it: certificates and keys, and their dates, too.

Exit code: 0, 1 the configuration has faults, 2 the arguments cannot be used.`,
  async run(args, io) {
    parseOptions(args, {});
    io.out(JSON.stringify(describeConfig(loadConfig(io.env, systemClock.now())), null, 2));
    return 0;
  },
};
