/** The worked cases as data, and the command that runs them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { commands } from '../../src/cli/commands.ts';
import { dispatch } from '../../src/cli/dispatch.ts';
import { decideDisclosure } from '../../src/consent/decide-disclosure.ts';
import { compareDecision, parseDecisionCases } from '../../src/consent/decision-cases.ts';
import { reasonCodes } from '../../src/consent/vocabulary.ts';

const vectors = join(import.meta.dirname, '../vectors/consent');
const files = readdirSync(vectors).map((name) => join(vectors, name));

const fixtures = {
  records: { note: { sections: { summary: 'N' } } },
  defaults: { policy: { agreement: true } },
};
const when = {
  at: '2027-03-08T09:30:00Z',
  requester: { org: 'X81001', orgType: 'nhs-health-centre', legitimateRelationship: true },
  purpose: 'TREAT',
  recordType: 'note',
};
const granted = {
  id: 'k1',
  status: 'active',
  period: { start: '2026-01-01' },
  grantor: { type: 'person' },
  rules: [{ type: 'permit' }],
};

const parseOne = (changes: object, shared: object = fixtures) =>
  parseDecisionCases(
    JSON.stringify({ fixtures: shared, cases: [{ id: 'J1', when, ...changes }] }),
  )[0];

const decideOne = (changes: object, shared: object = fixtures) => {
  const only = parseOne(changes, shared);
  if (only?.fault !== undefined || only === undefined) throw new Error(only?.fault);
  return decideDisclosure(only.input);
};

for (const file of files) {
  t.test(`decides as the cases of ${file.slice(vectors.length + 1)} say`, async (t) => {
    for (const only of parseDecisionCases(readFileSync(file, 'utf8'))) {
      if (only.fault !== undefined) t.fail(`${only.id}: ${only.fault}`);
      else t.same(compareDecision(decideDisclosure(only.input), only.expected), [], only.id);
    }
  });
}

t.test('decides the case file of docs/consent-model.md as it says', async (t) => {
  const [, text = ''] =
    /```json\n(.*?)```/s.exec(readFileSync('docs/consent-model.md', 'utf8')) ?? [];
  const [only] = parseDecisionCases(text);
  if (!only || only.fault !== undefined) throw new Error(only?.fault);
  t.same(compareDecision(decideDisclosure(only.input), only.expected), []);
});

t.test('has a worked case for every reason code', async (t) => {
  const text = files.map((file) => readFileSync(file, 'utf8')).join();
  t.same(
    reasonCodes.filter((code) => !text.includes(`"${code}"`)),
    [],
  );
});

t.test('what a case leaves out is absent or takes the stricter reading', async (t) => {
  t.same(decideOne({}).reasonCodes, ['NO_CONSENT_ON_FILE']);
  t.equal(
    decideOne({ given: { consents: [granted], overrides: null, person: null } }).decision,
    'PERMIT',
  );
  t.same(decideOne({}, { records: fixtures.records }).reasonCodes, ['NO_SHARING_AGREEMENT']);
  const system = { org: 'X81001', orgType: 'nhs-health-centre' };
  const { reasonCodes: codes } = decideOne({
    given: { consents: [granted] },
    when: { ...when, requester: system },
  });
  t.same(codes, ['NO_LEGITIMATE_RELATIONSHIP']);
});

t.test(
  'a case replaces single keys of the policy, the role matrix and emergency sections among them',
  async (t) => {
    const emergency = {
      given: { policy: { breakGlassRoles: ['system'], emergencySections: { note: ['summary'] } } },
      when: { ...when, overrides: [{ type: 'break-glass', justification: 'collapsed' }] },
    };
    t.same(decideOne(emergency).reasonCodes, ['BREAK_GLASS']);
    const row = {
      policy: { roleSections: { system: { letter: ['summary'] } } },
      consents: [granted],
    };
    t.same(decideOne({ given: row }).reasonCodes, ['NOTHING_LEFT_AFTER_FILTER']);
    t.same(decideOne({ given: { ...row, policy: {} } }).reasonCodes, ['EXPLICIT_CONSENT']);
  },
);

t.test(
  'names the case and the place of a fault, and leaves the other cases standing',
  async (t) => {
    const faultOf = (changes: object) => parseOne(changes)?.fault;
    t.match(faultOf({ when: { ...when, recordType: 'letter' } }), /^J1\.when\.recordType: /);
    t.match(faultOf({ when: { ...when, recordType: 'toString' } }), /^J1\.when\.recordType: /);
    t.match(
      faultOf({ when: { ...when, at: '2027-03-08T09:30:00' } }),
      /^J1\.when\.at: /,
      'a time without its offset',
    );
    t.match(faultOf({ when: { ...when, at: '2027-13-40' } }), /^J1\.when\.at: /);
    t.match(faultOf({ when: undefined }), /^J1\.when: /);
    t.match(faultOf({ given: { person: { deceased: 'yes' } } }), /^J1\.given\.person\.deceased: /);
    t.match(faultOf({ given: { person: { age: '15' } } }), /^J1\.given\.person\.age: /);
    t.match(faultOf({ given: { consents: {} } }), /^J1\.given\.consents: /);
    t.match(
      faultOf({ given: { consents: [{ ...granted, status: 'draft' }] } }),
      /^J1\.given\.consents\[0\]\.status: /,
    );
    t.match(
      faultOf({ given: { consents: [{ ...granted, rules: [{ type: 'permit', actors: [9] }] }] } }),
      /actors\[0\]: /,
    );
    const mixed = parseDecisionCases(JSON.stringify({ fixtures, cases: [7, { id: 'J2', when }] }));
    t.match(mixed[0]?.fault, /^cases\[0\]: /);
    t.equal(mixed[1]?.fault, undefined);
  },
);

t.test('refuses a file that is no case file', async (t) => {
  t.throws(() => parseDecisionCases('{'), { code: 'JSON_MALFORMED' });
  t.throws(() => parseDecisionCases('[]'), { code: 'REQUEST_MALFORMED' });
  t.throws(() => parseDecisionCases('{}'), { code: 'REQUEST_MALFORMED' });
});

t.test('jetway consent decide', async (t) => {
  const run = async (...args: string[]) => {
    const out: string[] = [];
    const err: string[] = [];
    const io = {
      out: (line: string) => out.push(line),
      err: (line: string) => err.push(line),
      env: {},
    };
    return { exit: await dispatch(commands, ['consent', 'decide', ...args], io), out, err };
  };
  const dir = t.testdir({
    'wrong.json': JSON.stringify({
      fixtures,
      cases: [{ id: 'J1', when, expected: { decision: 'PERMIT' } }],
    }),
    'unsaid.json': JSON.stringify({ fixtures, cases: [{ id: 'J1', when }] }),
    'faulty.json': JSON.stringify({ fixtures, cases: [{ id: 'J1' }, { id: 'J2', when }] }),
    'torn.json': '{ "cases": [',
  });

  t.test('prints one line per case, whole and in the documented order', async (t) => {
    const { exit, out, err } = await run('--cases', join(dir, 'wrong.json'));
    t.equal(exit, 0);
    t.same(out, [
      '{"id":"J1","decision":"DENY","basis":null,"includedSections":[],"excludedSections":{},"redactions":[],' +
        '"reasonCodes":["NO_CONSENT_ON_FILE"],"obligations":["AUDIT"],"consentUsed":null,"httpStatus":403}',
    ]);
    t.same(err, []);
  });

  t.test('checks, says what differs and exits 1', async (t) => {
    const { exit, err } = await run('--check', '--cases', join(dir, 'wrong.json'));
    t.equal(exit, 1);
    t.equal(err[0], 'J1: decision: expected "PERMIT", got "DENY"');
    t.equal(
      (await run('--check', '--cases', join(dir, 'unsaid.json'))).exit,
      1,
      'a case that expects nothing',
    );
    t.equal((await run('--check', '--cases', join(vectors, 'compulsion.json'))).exit, 0);
  });

  t.test('names a malformed case, decides the others and exits 1', async (t) => {
    const { exit, out, err } = await run('--cases', join(dir, 'faulty.json'));
    t.equal(exit, 1);
    t.match(err[0], /^case J1 is malformed: J1\.when: /);
    t.match(out, [/"id":"J2"/]);
  });

  t.test('exits 2 when the words or the file cannot be used', async (t) => {
    for (const args of [
      [],
      ['--case', 'x'],
      ['--cases'],
      ['x', '--cases', 'y'],
      ['--cases', join(dir, 'none.json')],
    ]) {
      t.equal((await run(...args)).exit, 2, args.join(' '));
    }
    t.equal((await run('--cases', join(dir, 'torn.json'))).exit, 2);
  });
});
