#!/usr/bin/env node
// `jetway`, started by whatever Node a machine has: the gateway runs its TypeScript as it stands, which takes
// the Node that package.json pins. It stands beside this file, in a clone and behind `npm link` alike.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const main = new URL('../src/main.ts', import.meta.url);
const oldest = 26;

/** The binary of the platform's package, from which npm makes node_modules/.bin/node. */
function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const names = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`];
  return names
    .map((name) =>
      fileURLToPath(new URL(`../node_modules/${name}/bin/node${suffix}`, import.meta.url)),
    )
    .find((path) => existsSync(path));
}

function runPinned(node) {
  const args = [fileURLToPath(main), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // a terminal's Ctrl-C reaches the child by itself; a second one would cut its draining short
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

if (Number(process.versions.node.split('.')[0]) >= oldest) {
  await import(main.href);
} else {
  const node = pinnedNode();
  if (node) {
    runPinned(node);
  } else {
    console.error(
      `Node ${oldest} is not there: run \`npm ci\` in ${fileURLToPath(new URL('..', import.meta.url))}`,
    );
    process.exitCode = 1;
  }
}
