/** The program: words typed, one command, an exit code. */
import { commands } from './cli/commands.ts';
import { dispatch } from './cli/dispatch.ts';

process.exitCode = await dispatch(commands, process.argv.slice(2), {
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  env: process.env,
});
