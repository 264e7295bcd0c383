/**
 * From what was typed to one command and its exit code: 0 done, 1 the answer is no, 2 the words were off; where it
 * failed, 1 or what the command says instead. Faults are told in lines that say what to do; a stack only where
 * JETWAY_LOG_LEVEL is `debug`.
 */
import { version } from '../config/version.ts';
import { UsageError } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { errorLines } from './operator-error.ts';

const introduction = `Jetway, a record-exchange gateway between a council and its NHS neighbours.

Usage: jetway <command> [options]`;

export async function dispatch(
  commands: readonly Command[],
  words: readonly string[],
  io: CommandIo,
): Promise<number> {
  const [first] = words;
  if (first === 'help' || isHelp(first)) {
    io.out(`${introduction}\n\n${overview(commands)}`);
    return 0;
  }
  if (first === '--version') {
    io.out(version);
    return 0;
  }
  const command = commands.find(({ name }) => startsWith(words, name.split(' ')));
  if (!command) {
    const group = helpWanted(commands, words);
    if (group.length > 0) {
      io.out(overview(group));
      return 0;
    }
    const begun = commands.filter(({ name }) => name.split(' ')[0] === first);
    io.err(whatIsWrong(words, begun.length > 0));
    io.err(overview(begun, commands));
    return 2;
  }
  return run(command, words.slice(command.name.split(' ').length), io);
}

async function run(command: Command, args: readonly string[], io: CommandIo): Promise<number> {
  if (args.some(isHelp)) {
    io.out(command.usage);
    return 0;
  }
  try {
    return await command.run(args, io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(error.message);
      io.err(`\n${command.usage}`);
      return 2;
    }
    for (const line of errorLines(error)) io.err(line);
    const isDebugging = io.env['JETWAY_LOG_LEVEL'] === 'debug';
    if (isDebugging && error instanceof Error && error.stack) io.err(error.stack);
    return command.failureCode ?? 1;
  }
}

/** Of words that are no command; `isBegun` where the first of them begins some. */
function whatIsWrong([first, second]: readonly string[], isBegun: boolean): string {
  if (first === undefined) return 'which command?';
  const isAlone = second === undefined || second.startsWith('-');
  if (isBegun && isAlone) return `${first} what? A word is missing:`;
  return `there is no command ${isAlone ? first : `${first} ${second}`}`;
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h';
}

/** The commands that begin with the words before `--help`; none where help was not asked for. */
function helpWanted(commands: readonly Command[], words: readonly string[]): readonly Command[] {
  const asked = words.findIndex(isHelp);
  if (asked < 0) return [];
  return commands.filter(({ name }) => startsWith(name.split(' '), words.slice(0, asked)));
}

function startsWith(words: readonly string[], name: readonly string[]): boolean {
  return name.every((word, i) => words[i] === word);
}

/** Those of a group where the first word names one, else all. */
function overview(group: readonly Command[], all = group): string {
  const listed = group.length > 0 ? group : all;
  const width = Math.max(...listed.map(({ name }) => name.length));
  const lines = listed.map(({ name, summary }) => `  jetway ${name.padEnd(width)}  ${summary}`);
  return [
    ...lines,
    '',
    'jetway <command> --help says more about one, jetway --version which release this is.',
  ].join('\n');
}
