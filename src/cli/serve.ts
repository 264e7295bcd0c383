/** `jetway serve`: the gateway itself, until a signal ends it. */
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config/load-config.ts';
import { portSettingOf, takenPortMessage } from '../config/taken-port.ts';
import { installShutdown } from '../shutdown.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';
import { OperatorError } from './operator-error.ts';

export const serveCommand: Command = {
  name: 'serve',
  summary: 'run the gateway',
  usage: `jetway serve

Runs the gateway in the foreground with the settings in the environment (\`jetway config show\` checks
them), and logs to standard output. The first SIGINT or SIGTERM finishes what is under way, for ten seconds
at most; the second ends it at once.

Exit code: 0 it was asked to end, 1 it could not start or end in order, 2 the arguments cannot be used.`,
  async run(args, io) {
    parseOptions(args, {});
    const config = loadConfig(io.env, systemClock.now());
    // the other commands need none of the server, and are quicker without it
    const { startGateway } = await import('../gateway.ts');
    const { stop, telemetry } = await startGateway(config).catch((error: unknown) => {
      const taken = takenPortMessage(error, portSettingOf(io.env));
      throw taken === undefined ? error : new OperatorError(taken, { cause: error });
    });
    installShutdown({ stop, telemetry, clock: systemClock });
    return 0;
  },
};
