/**
 * The rules of docs/architecture.md as pure functions: sources in, violations out, each a line that names
 * file and fault. They judge `src/`, but for size, openings and silenced checks, which bind tests as well.
 */
import { posix } from 'node:path';
import type { SourceFile } from './source-files.ts';

export type Rule = (files: readonly SourceFile[]) => readonly string[];

/** From the top: a folder may import its own row and those below it. */
const rows: readonly (readonly string[])[] = [
  [
    'main.ts',
    'gateway.ts',
    'shutdown.ts',
    'api',
    'pages',
    'enrolment',
    'operations',
    'cli',
    'partner',
    'sandbox',
  ],
  ['exchange', 'relay'],
  ['consent', 'agreements', 'participants', 'clients', 'records', 'deliveries', 'ledger'],
  ['database', 'telemetry', 'config', 'validation', 'pki'],
  ['tlog', 'encoding', 'errors', 'clock.ts'],
];
const faces = rows[0] ?? [];

/** Which folders may import a package; `name/` stands for a scope. Packages not listed have no fence. */
const fences: ReadonlyMap<string, readonly string[]> = new Map([
  ['fastify', faces],
  ['@fastify/', faces],
  ['pg', ['database']],
  ['node-pg-migrate', ['database']],
  ['ajv', ['validation']],
  ['ajv-formats', ['validation']],
  ['node-forge', ['pki']],
  ['pino', ['telemetry']],
  ['prom-client', ['telemetry']],
  ['undici', ['relay', 'partner']],
  ['jsonc-parser', ['encoding']],
  ['canonicalize', ['encoding']],
]);

/** Lines of a file that people write; generated types are the generator's. */
const maxLines = 300;
const isGenerated = ({ path }: SourceFile) => path.startsWith('src/records/types/');

/** The folder below src/ that a path stands in, or the file itself at its root. */
function unitOf(path: string): string | undefined {
  const [root, unit] = path.split('/');
  return root === 'src' ? unit : undefined;
}

function rowOf(unit: string): number {
  return rows.findIndex((row) => row.includes(unit));
}

function imports(files: readonly SourceFile[]) {
  return files.flatMap((file) => {
    const from = unitOf(file.path);
    if (from === undefined) return [];
    return file.imports.map((imported) => ({ path: file.path, from, imported }));
  });
}

export const dependDownwards: Rule = (files) =>
  imports(files).flatMap(({ path, from, imported }) => {
    if (rowOf(from) < 0) return [`${path}: ${from} stands in no row`];
    const to = unitOf(imported);
    if (to === undefined) {
      // packages are never imported as .ts, and everything of ours always is
      return imported.endsWith('.ts')
        ? [`${path}: imports ${imported}, which is not the gateway's`]
        : [];
    }
    return rowOf(to) < rowOf(from) ? [`${path}: imports upwards, ${imported}`] : [];
  });

export const haveNoCycles: Rule = (files) => {
  const graph = new Map<string, Set<string>>();
  for (const { from, imported } of imports(files)) {
    const to = unitOf(imported);
    if (to === undefined || to === from) continue;
    graph.set(from, (graph.get(from) ?? new Set()).add(to));
  }
  const cycles = new Set<string>();
  const walk = (unit: string, trail: readonly string[]): void => {
    const met = trail.indexOf(unit);
    if (met >= 0) {
      const cycle = trail.slice(met);
      if (unit === [...cycle].sort()[0]) cycles.add([...cycle, unit].join(' -> '));
      return;
    }
    for (const next of graph.get(unit) ?? []) walk(next, [...trail, unit]);
  };
  for (const unit of graph.keys()) walk(unit, []);
  return [...cycles].sort();
};

export const keepPackagesFenced: Rule = (files) =>
  imports(files).flatMap(({ path, from, imported }) => {
    const fence = [...fences].find(
      ([name]) => imported === name || imported.startsWith(name.endsWith('/') ? name : `${name}/`),
    );
    return fence && !fence[1].includes(from) ? [`${path}: imports ${imported}`] : [];
  });

export const staySmall: Rule = (files) =>
  files
    .filter((file) => !isGenerated(file))
    .map(({ path, text }) => ({ path, lines: text.replace(/\n$/, '').split('\n').length }))
    .filter(({ lines }) => lines > maxLines)
    .map(({ path, lines }) => `${path}: ${lines} lines`);

export const exportOnlyTheirOwn: Rule = (files) =>
  files
    .filter(
      ({ path, code }) =>
        /^index\.[jt]s$/.test(posix.basename(path)) ||
        /\bexport\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*(?:as\s+\w+\s+)?from\b/.test(code),
    )
    .map(({ path }) => `${path}: a barrel`);

export const haveTellingNames: Rule = (files) =>
  files.flatMap(({ path }) => {
    const named = path.split('/').map((part) => part.replace(/(?:\.test)?\.[jt]s$/, ''));
    const vague = named.some((part) => /^(?:util|helper|common|misc|lib)s?$/.test(part));
    const isKebab = named.every((part) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(part));
    return vague || !isKebab ? [`${path}: not a telling kebab-case name`] : [];
  });

const statements =
  /\bselect\b[\s\S]*\bfrom\b|^\s*(?:with\s+\w+\s+as|select|show)\s|\binsert\s+into\b|\bupdate\s+(?:only\s+)?[\w.]+(?:\s+(?:as\s+)?\w+)?\s+set\b|\bdelete\s+from\b|\b(?:create|alter|drop)\s+(?:temporary\s+|unique\s+)?(?:table|role|user|database|index|function|trigger|schema|extension)\b|\b(?:grant|revoke)\s[\s\S]*\s(?:on|to|from)\b|\btruncate\s|\bpg_(?:try_)?advisory|\bfor\s+update\b/;

/**
 * Bounds of a transaction (begin, commit, savepoint) and a session's own settings are no statements here:
 * they say nothing of tables. SQL is lower case by rule, so upper case is looked for as well.
 */
export const keepSqlInStores: Rule = (files) =>
  files.flatMap(({ path, literals }) => {
    if (path.endsWith('-store.ts')) return [];
    const found = literals.find(
      (text) =>
        statements.test(text) ||
        (text === text.toUpperCase() && statements.test(text.toLowerCase())),
    );
    return found === undefined ? [] : [`${path}: ${found.trim().split('\n')[0]?.slice(0, 60)}`];
  });

export const leaveTheEnvironmentAlone: Rule = (files) =>
  files
    .filter(({ path }) => path !== 'src/main.ts' && unitOf(path) !== 'cli')
    .filter(({ code }) =>
      /\bprocess\s*\??\.\s*env\b|\bprocess\s*\[|\benv\b[^;]*\}\s*from\b/.test(code),
    )
    .map(({ path }) => `${path}: reads the environment`);

export const leaveTheClockAlone: Rule = (files) =>
  files
    .filter(({ path }) => path !== 'src/clock.ts')
    .filter(({ code }) =>
      /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s(]))|(?<!new\s+)\bDate\s*\(\s*\)|\bperformance\b|\bhrtime\b/.test(
        code,
      ),
    )
    .map(({ path }) => `${path}: reads the clock`);

export const openWithTheirPurpose: Rule = (files) =>
  files
    .filter(({ text }) => !/^(?:#![^\n]*\n)?(?:\/\*\*\s|\/\/ )/.test(text))
    .map(({ path }) => `${path}: does not say what it is`);

const silencing = /\b(?:TO(?:)DO|FIX(?:)ME)\b|@ts-(?:ignore|expect-error|nocheck)|biome-(?:)ignore/;

export const silenceNothing: Rule = (files) =>
  files
    .filter(
      ({ path, text, code }) =>
        silencing.test(text) ||
        (path.startsWith('test/') && /\bt\.(?:skip|todo|only)\b|\b(?:skip|todo|only):/.test(code)),
    )
    .map(({ path }) => `${path}: a check is silenced or work is left`);
