#!/usr/bin/env node
// `jetway`, started by whatever Node a machine has: the gateway runs its TypeScript as it stands, which takes
// the Node that package.json pins. It stands beside this file, in a clone and behind `npm link` alike.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { pinnedNode } from './pinned-node.js';

const main = new URL('../src/main.ts', import.meta.url);
const oldest = 26;

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
