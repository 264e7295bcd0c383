// Runs the suite on the pinned Node. tap builds itself for the plugins of .taprc once; its first run on a fresh
// clone would still use the set it ships with, so the build comes first when it has never happened.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { pinnedNode } from '../../bin/pinned-node.js';

const node = pinnedNode() ?? process.execPath;
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
const tap = (args) =>
  spawnSync('tap', args, { stdio: 'inherit', env, shell: process.platform === 'win32' }).status ??
  1;
if (!existsSync('.tap/plugins')) tap(['build']);
process.exitCode = tap(process.argv.slice(2));
