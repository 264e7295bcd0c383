/**
 * What the operator is told of a database that cannot be used: by which setting it was named, what the server or the way
 * to it said, and what to do. Never the URL, which may hold a password.
 */
import { errorText } from '../errors/error-text.ts';
import { openDatabase } from './database.ts';

/** A database, and the setting that its URL comes from. */
export interface NamedDatabase {
  /** Holds a password. */
  url: string;
  setting: string;
}

class DatabaseFault extends Error {
  override readonly name = 'DatabaseFault';
}

/** What it does and what helps. By SQLSTATE (PostgreSQL manual, appendix A) or Node's code, the first that fits. */
const kinds: readonly (readonly [codes: RegExp, does: string, remedy: string])[] = [
  [
    /^28/,
    'refuses the login',
    'correct user and password in the URL, or let the server admit them',
  ],
  [/^3D000$/, 'is not there', 'correct its name in the URL, or create it'],
  [/^42501$/, 'denies the login a right', 'name the login that is meant here, or grant the right'],
  [
    /^(42P01|42703|42883|3F000)$/,
    'has other tables than this release',
    'run `jetway database migrate`',
  ],
  [/^(55P03|57014)$/, 'took too long', 'try again when nothing else keeps it busy'],
  [/^(08|53|57P)/, 'serves nobody now', 'see that it runs and has connections left'],
  [/^ERR_INVALID_URL$/, 'has no usable URL', 'write postgres://user:password@host:5432/name'],
];
const unreachable = ['cannot be reached', 'see that it runs, and that the URL is right'] as const;

/** What is none, the driver takes for a name on this host, and the server quotes it with its password. */
const urlForm = /^postgres(?:ql)?:\/\/\S+$/;

class UnusableUrl extends Error {
  readonly code = 'ERR_INVALID_URL';
}

/** Throws DatabaseFault where it cannot be reached, for whatever cause. */
export async function requireReachable({ url, setting }: NamedDatabase): Promise<void> {
  if (!urlForm.test(url)) {
    const error = new UnusableUrl('it is no URL of PostgreSQL');
    throw fault(error, setting, wordsFor(error) ?? unreachable);
  }
  const database = openDatabase({ url, max: 1 });
  try {
    await database.transaction(async () => undefined);
  } catch (error) {
    throw fault(error, setting, wordsFor(error) ?? unreachable);
  } finally {
    await database.end();
  }
}

/** For what came of using it. Undefined for an error that is none of the database's, or needs no words of ours. */
export function databaseFault(error: unknown, setting: string): Error | undefined {
  const words = wordsFor(error);
  return words && fault(error, setting, words);
}

type Words = readonly [does: string, remedy: string];

function wordsFor(error: unknown): Words | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const found = kinds.find(([codes]) => codes.test(code));
  return found && [found[1], found[2]];
}

function fault(cause: unknown, setting: string, [does, remedy]: Words): DatabaseFault {
  const said = cause instanceof Error ? errorText(cause) : 'it is not known why';
  return new DatabaseFault(`the database of ${setting} ${does}: ${said}; ${remedy}`);
}
