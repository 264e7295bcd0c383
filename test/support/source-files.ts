/**
 * The project's own sources as the architecture rules read them: text, code without comments, literals
 * and imports. A tokenizer by regular expression, not a parser: enough to tell a comment from a string,
 * since the type checker of this project has no programming interface to ask.
 */
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  path: string;
  text: string;
  /** The text with comments blanked and literals emptied: what the program does. */
  code: string;
  /** What strings and templates hold, without their quotes. */
  literals: readonly string[];
  /** Module specifiers of imports and re-exports; relative ones resolved to a path. */
  imports: readonly string[];
}

// A regular expression literal stands only where a value may begin; elsewhere a slash divides.
const tokens =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=(?:[=(,:[!&|?{};+>]|\breturn)\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g;

const specifiers =
  /\b(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])(.+?)\1|\bimport\s*\(?\s*(['"])(.+?)\3/g;

export function parseSource(path: string, text: string): SourceFile {
  const literals: string[] = [];
  const code = text.replace(tokens, (token) => {
    if (token.startsWith('/*') || token.startsWith('//')) return ' ';
    if (token.startsWith('/')) return '/ /';
    literals.push(token.slice(1, -1));
    return `${token[0]}${token[0]}`;
  });
  const uncommented = text.replace(tokens, (token) => (/^\/[*/]/.test(token) ? ' ' : token));
  const imports = [...uncommented.matchAll(specifiers)].map((match) => {
    const specifier = match[2] ?? match[4] ?? '';
    const isRelative = specifier.startsWith('.');
    return isRelative ? posix.join(posix.dirname(path), specifier) : specifier;
  });
  return { path, text, code, literals, imports };
}

/** Sources below these folders of the working directory, in order of path. */
export function readSources(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,js}`))
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => parseSource(path, readFileSync(path, 'utf8')));
}
