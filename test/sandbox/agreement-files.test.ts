/** The agreements' files: the sandbox's own follow it, and those that somebody edited are theirs. */
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { keepAgreementFiles, sandboxAgreements } from '../../src/sandbox/agreement-files.ts';

const name = 'elmsworth-social-care.json';
const [summaries] = sandboxAgreements;
if (summaries?.id !== 'elmsworth-social-care') throw new Error('it is not the first any more');

/** As sandboxes wrote it before anything was delivered, and while a role read less than `system`. */
const before = {
  ...summaries,
  roles: {
    ...summaries.roles,
    receptionist: {
      'social-care-summary': ['person', 'localAuthority', 'alerts', 'individualRequirements'],
    },
  },
  parties: summaries.parties.map((party) => ({
    ...party,
    may: party.may.filter((activity) => activity !== 'receive'),
  })),
};
const textOf = (document: object) => `${JSON.stringify(document, null, 2)}\n`;

function folder(t: Test, files: Record<string, string> = {}) {
  const dir = t.testdir(files);
  const edited = () => keepAgreementFiles(dir).flatMap((one) => (one.isEdited ? [one.name] : []));
  return {
    edited,
    path: join(dir, name),
    read: (file = name) => readFileSync(join(dir, file), 'utf8'),
  };
}

t.test('what is missing is written', async (t) => {
  const { edited, read } = folder(t);
  t.strictSame(edited(), []);
  for (const agreement of sandboxAgreements) {
    t.strictSame(JSON.parse(read(`${agreement.id}.json`)), agreement);
  }
});

t.test('a file of a sandbox that remembered nothing yet is rolled forward', async (t) => {
  const { edited, read } = folder(t, { [name]: textOf(before) });
  t.strictSame(edited(), []);
  t.equal(read(), textOf(summaries));
});

t.test('a file of the version before is rolled forward', async (t) => {
  const { edited, read, path } = folder(t);
  edited();
  const remembered = read('written.sha256');
  const older = textOf({ ...summaries, title: 'An older title' });
  writeFileSync(path, older);
  t.strictSame(edited(), [name], 'nobody remembers to have written that');
  const digest = hash('sha256', older);
  const lines = remembered.replace(new RegExp(`[0-9a-f]{64}(?=  ${name})`), digest);
  writeFileSync(path.replace(name, 'written.sha256'), lines);
  t.strictSame(edited(), []);
  t.equal(read(), textOf(summaries));
});

t.test('an edited file is left alone, at every start', async (t) => {
  const own = textOf({ ...before, title: 'My own' });
  const { edited, read, path } = folder(t, { [name]: own });
  t.strictSame(edited(), [name]);
  t.strictSame(edited(), [name]);
  t.equal(read(), own);
  writeFileSync(path, textOf(before));
  t.strictSame(edited(), [], 'and edited back, it is the sandbox’s again');
});
