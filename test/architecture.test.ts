/**
 * The shape of the project (docs/architecture.md), rule by rule. Each rule is first shown a planted breach,
 * since one that cannot fail proves nothing.
 */
import t from 'tap';
import {
  dependDownwards,
  exportOnlyTheirOwn,
  haveNoCycles,
  haveTellingNames,
  keepPackagesFenced,
  keepSqlInStores,
  leaveTheClockAlone,
  leaveTheEnvironmentAlone,
  openWithTheirPurpose,
  type Rule,
  silenceNothing,
  staySmall,
} from './support/architecture-rules.ts';
import { parseSource, readSources } from './support/source-files.ts';

const product = readSources('src');
const everything = readSources('src', 'test', 'bench', 'schemas', 'bin');

interface Breach {
  path: string;
  text: string;
}

function holds(claim: string, rule: Rule, over: typeof product, breaches: readonly Breach[]) {
  t.test(claim, async (t) => {
    for (const { path, text } of breaches) {
      t.not(
        rule([parseSource(path, text)]).length,
        0,
        `a planted breach is found: ${text.slice(0, 60)}`,
      );
    }
    t.strictSame(rule(over), []);
  });
}

t.test('the rules read the sources at all', async (t) => {
  t.ok(product.length > 100, 'the sources of the gateway');
  t.ok(product.some(({ imports }) => imports.includes('src/errors/gateway-error.ts')));
  const { code, literals, imports } = parseSource(
    'src/consent/x.ts',
    `/* import a from 'b' */ import type {\n  C,\n} from '../errors/c.ts'; // 'd'\nconst e = /['"]/.test('f // g') ? \`h i\` : j / k;`,
  );
  t.strictSame(imports, ['src/errors/c.ts']);
  t.strictSame(literals, ['../errors/c.ts', 'f // g', 'h i']);
  t.notMatch(code, /[adfgh]\b/, 'neither comments nor literals count as code');
});

holds('folders depend downwards only', dependDownwards, product, [
  { path: 'src/consent/x.ts', text: `import { y } from '../exchange/y.ts';` },
  { path: 'src/tlog/x.ts', text: `export type { Y } from '../ledger/y.ts';` },
  { path: 'src/ledger/x.ts', text: `const y = await import('../api/y.ts');` },
  { path: 'src/elsewhere/x.ts', text: `import { y } from '../errors/y.ts';` },
  { path: 'src/api/x.ts', text: `import { y } from '../../test/support/y.ts';` },
]);

t.test('folders do not depend on each other in a circle', async (t) => {
  const planted = [
    parseSource('src/consent/x.ts', `import { y } from '../ledger/y.ts';`),
    parseSource('src/ledger/x.ts', `import { y } from '../records/y.ts';`),
    parseSource('src/records/x.ts', `import { y } from '../consent/y.ts';`),
  ];
  t.strictSame(haveNoCycles(planted), ['consent -> ledger -> records -> consent']);
  t.strictSame(haveNoCycles(product), []);
});

holds('a package with a fence is imported inside it alone', keepPackagesFenced, product, [
  { path: 'src/exchange/x.ts', text: `import fastify from 'fastify';` },
  { path: 'src/ledger/x.ts', text: `import helmet from '@fastify/helmet';` },
  { path: 'src/ledger/x.ts', text: `import type { Pool } from 'pg';` },
  { path: 'src/config/x.ts', text: `import { Ajv2020 } from 'ajv/dist/2020.js';` },
  { path: 'src/api/x.ts', text: `import forge from 'node-forge';` },
  { path: 'src/gateway.ts', text: `import { pino } from 'pino';` },
  { path: 'src/records/x.ts', text: `import { visit } from 'jsonc-parser';` },
  { path: 'src/sandbox/x.ts', text: `import { Client } from 'undici';` },
]);

holds('no file is longer than 300 lines', staySmall, everything, [
  { path: 'src/api/x.ts', text: 'line\n'.repeat(301) },
]);

holds('no file passes on what is another file’s', exportOnlyTheirOwn, everything, [
  { path: 'src/api/x.ts', text: `export * from './y.ts';` },
  { path: 'src/api/x.ts', text: `export { y } from './y.ts';` },
  { path: 'src/api/index.ts', text: 'export const y = 1;' },
]);

holds('files have telling names in kebab case', haveTellingNames, everything, [
  { path: 'src/api/utils.ts', text: '' },
  { path: 'src/helpers/x.ts', text: '' },
  { path: 'src/api/exchangeDoor.ts', text: '' },
]);

holds('SQL stands in stores alone', keepSqlInStores, product, [
  { path: 'src/api/x.ts', text: 'tx.query(`\nselect a\nfrom b`)' },
  { path: 'src/api/x.ts', text: `tx.query('INSERT INTO B VALUES (1)')` },
  { path: 'src/api/x.ts', text: `tx.query("update persons set a = 1")` },
  { path: 'src/api/x.ts', text: `tx.query('delete from persons')` },
  { path: 'src/api/x.ts', text: 'tx.query(`with a as (insert into b values (1)) select 1`)' },
  { path: 'src/api/x.ts', text: `tx.query('select now()')` },
  { path: 'src/database/x.ts', text: `tx.query('create role x')` },
]);

holds('only the command line reads the environment', leaveTheEnvironmentAlone, product, [
  { path: 'src/api/x.ts', text: 'const { PORT } = process.env;' },
  { path: 'src/config/x.ts', text: `const e = process['env'];` },
  { path: 'src/config/x.ts', text: `import { env } from 'node:process';` },
]);

holds('only one file reads the clock', leaveTheClockAlone, product, [
  { path: 'src/api/x.ts', text: 'const at = Date.now();' },
  { path: 'src/api/x.ts', text: 'const at = new Date();' },
  { path: 'src/api/x.ts', text: 'const at = new Date;' },
  { path: 'src/api/x.ts', text: 'const at = performance.now();' },
  { path: 'src/api/x.ts', text: 'const at = process.hrtime.bigint();' },
]);

holds('every file opens by saying what it is', openWithTheirPurpose, everything, [
  { path: 'src/api/x.ts', text: `import t from 'tap';\n/** Late. */` },
]);

holds('no check is silenced and no work is left for later', silenceNothing, everything, [
  { path: 'src/api/x.ts', text: `// ${'TO'}DO later` },
  { path: 'src/api/x.ts', text: `// @ts-${'ignore'}` },
  { path: 'test/x.test.ts', text: `t.skip('later', () => {})` },
]);
