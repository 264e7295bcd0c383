/**
 * The agreements' files, which anybody may edit and try at the next start. A file that nobody edited follows the
 * sandbox: it is, byte for byte, what the sandbox wrote there last, and `written.sha256` beside it remembers that, in
 * the form that `sha256sum --check` reads. An edited file is never touched, and removing it brings the sandbox's back.
 */
import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageAgreements } from './message-agreements.ts';
import { recordAgreements } from './record-agreements.ts';
import { writeOpenFile } from './sandbox-files.ts';

export interface AgreementFile {
  /** Without its folder. */
  name: string;
  path: string;
  /** By somebody else than the sandbox. */
  isEdited: boolean;
}

export const sandboxAgreements = [...recordAgreements, ...messageAgreements];

/** What sandboxes wrote before they remembered it. */
const writtenBefore: ReadonlyMap<string, string> = new Map([
  [
    'elmsworth-social-care.json',
    'd7bb69af8b3d0160a693e19b425963820f502e7fa5a5a188a80941a1007c0628',
  ],
  ['elmsworth-income.json', 'c17ea91b9a919bab6156e630686c6af46f58d9237f1f08b4a9c64ccaa0d56122'],
]);

/** Writes what is missing or behind. */
export function keepAgreementFiles(dir: string): readonly AgreementFile[] {
  const rememberedFile = join(dir, 'written.sha256');
  const written = new Map([...writtenBefore, ...readRemembered(rememberedFile)]);
  const files = sandboxAgreements.map((agreement): AgreementFile => {
    const name = `${agreement.id}.json`;
    const path = join(dir, name);
    const text = `${JSON.stringify(agreement, null, 2)}\n`;
    const held = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    const isEdited = held !== undefined && held !== text && digestOf(held) !== written.get(name);
    if (isEdited) return { name, path, isEdited };
    if (held !== text) writeOpenFile(path, text);
    written.set(name, digestOf(text));
    return { name, path, isEdited };
  });
  const lines = [...written].map(([name, digest]) => `${digest}  ${name}\n`);
  writeOpenFile(rememberedFile, lines.join(''));
  return files;
}

function readRemembered(path: string): readonly (readonly [name: string, digest: string])[] {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return [...text.matchAll(/^([0-9a-f]{64}) {2}(.+)$/gm)].map(
    ([, digest = '', name = '']) => [name, digest] as const,
  );
}

function digestOf(text: string): string {
  return hash('sha256', text);
}
