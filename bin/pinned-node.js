// The Node that package.json pins, where npm has put it: some versions of npm leave out its link in .bin.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The binary of the platform's package, from which npm makes node_modules/.bin/node. */
export function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const names = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`];
  return names
    .map((name) =>
      fileURLToPath(new URL(`../node_modules/${name}/bin/node${suffix}`, import.meta.url)),
    )
    .find((path) => existsSync(path));
}
