/** docs/problems.md against the problem types that the gateway answers with and the codes of the ledger, both ways. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { problemTypes } from '../../src/api/problem-types.ts';
import { doorCodes, refusalCodes, requestCodes } from '../../src/errors/error-code.ts';
import * as failures from '../../src/relay/delivery-failure.ts';
import { readSources } from '../support/source-files.ts';

const codes = [...doorCodes, ...refusalCodes, ...requestCodes];
const page = readFileSync('docs/problems.md', 'utf8');
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [, code = '', status = '', type = ''] =
      /^([A-Z_]+)\n\n(\d{3}), `([a-z:]+)`\. /.exec(section) ?? [];
    return { code, status: Number(status), type, hasRemedy: /^What to do: \S/m.test(section) };
  });

t.test('every code has one section, and every section is of a code', async (t) => {
  t.strictSame(sections.map(({ code }) => code).sort(), [...codes].sort());
});

t.test('what the page says of a code is what the gateway answers', async (t) => {
  for (const code of codes) {
    const { status, type } = problemTypes[code];
    t.strictSame(
      sections.find((section) => section.code === code),
      { code, status, type, hasRemedy: true },
      code,
    );
  }
});

/** What is written into the ledger and is no problem's code; pushes that failed stand in docs/endpoints.md. */
function ledgerCodes(): readonly string[] {
  const elsewhere = new Set([...codes, ...Object.values(failures).flatMap(Object.keys)]);
  const found = readSources('src/exchange', 'src/api')
    .filter(({ path }) => /^src\/exchange\/|\/(path-parameters|door-server)\.ts$/.test(path))
    .flatMap(({ literals }) => literals)
    .filter((text) => /^[A-Z]+(_[A-Z]+)*$/.test(text));
  return [...new Set(found)].filter((code) => !elsewhere.has(code)).sort();
}

t.test('every code of the ledger that is no problem’s is on the page, and no other', async (t) => {
  const named = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, code = '']) => code);
  const alone = [...new Set(named)].filter((code) => !codes.some((known) => known === code));
  t.strictSame(alone.sort(), ledgerCodes());
});
