/** What every file of cli/ exports: one command, named as it is typed. */
export interface CommandIo {
  out(line: string): void;
  err(line: string): void;
  /** The process environment, handed in: `process.env` is read in main.ts alone. */
  env: Readonly<Record<string, string | undefined>>;
}

export interface Command {
  /** As typed after `jetway`, for example `consent decide`. */
  name: string;
  /** One line for `jetway --help`. */
  summary: string;
  /** The whole help text of `jetway <name> --help`. */
  usage: string;
  /** The exit code where it failed, for a command whose no means something else. Default 1. */
  failureCode?: number;
  /** Returns the exit code: 0 done, 1 the answer is no, 2 the words were off. */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}
