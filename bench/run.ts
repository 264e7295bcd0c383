/**
 * `npm run bench [-- name] [--quick]`: one benchmark, or all of them one after the other, each a process of
 * its own.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** And the flags that each takes. */
const benchmarks: Readonly<Record<string, readonly string[]>> = {
  decide: [],
  handshake: ['quick'],
  publish: ['quick', 'profile'],
  pull: ['quick', 'profile'],
  relay: ['quick', 'profile'],
  'relay-under-kills': ['quick'],
};
const names = Object.keys(benchmarks);
const usage = `npm run bench [-- name...] [--quick] [--profile]

One benchmark, or all of them one after the other: ${names.join(', ')}.

  --quick     shorter, and less exact
  --profile   leaves V8's profile of the gateway in var/profiles (pull, publish, relay)
`;

function readArguments() {
  try {
    return parseArgs({
      options: {
        quick: { type: 'boolean' },
        profile: { type: 'boolean' },
        help: { type: 'boolean' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

const { values, positionals } = readArguments();
if (values.help) {
  process.stdout.write(usage);
  process.exit();
}
const unknown = positionals.find((name) => !names.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`There is no benchmark ${unknown}. There are: ${names.join(', ')}.\n`);
  process.exit(2);
}
const given = Object.keys(values);
let failed = 0;
for (const name of positionals.length > 0 ? positionals : names) {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  process.stdout.write(`\n== ${name} ==\n`);
  const flags = given.filter((flag) => benchmarks[name]?.includes(flag)).map((flag) => `--${flag}`);
  const { status } = spawnSync(process.execPath, [file, ...flags], { stdio: 'inherit' });
  if (status !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
