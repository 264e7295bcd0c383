/** docs/problems.md against the problem types that the gateway answers with, both ways. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { problemTypes } from '../../src/api/problem-types.ts';
import { doorCodes, refusalCodes, requestCodes } from '../../src/errors/error-code.ts';

const codes = [...doorCodes, ...refusalCodes, ...requestCodes];
const sections = readFileSync('docs/problems.md', 'utf8')
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
