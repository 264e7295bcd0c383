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
const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean' }, profile: { type: 'boolean' } },
  allowPositionals: true,
});
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
