/** What a verification tells, and when it has found enough. */
import t from 'tap';
import { createFindings, EnoughFindings } from '../../src/ledger/verification/findings.ts';

t.test('a hundred faults are enough, and the hundredth is told', async (t) => {
  const findings = createFindings();
  for (let index = 0; index < 99; index += 1) findings.addFault(1, 'an entry is missing', index);
  t.throws(() => findings.addFault(2, 'an entry is missing', 99), EnoughFindings);
  t.equal(findings.faultCount, 100);
  t.same(findings.list.at(-1), { log: 2, index: 99, finding: 'an entry is missing' });
});

t.test('what does not fit takes nothing from the hundred', async (t) => {
  const findings = createFindings();
  for (let index = 0; index < 1_000; index += 1) findings.addMisfit(1, 'a trace of none', index);
  t.equal(findings.faultCount, 0);
  for (let index = 0; index < 99; index += 1) findings.addFault(1, 'a row is missing', index);
  t.equal(findings.faultCount, 99, 'nor does it end a verification');
  t.equal(findings.list.filter(({ finding }) => finding === 'a row is missing').length, 99);
});

t.test(
  'of misfits alike in one log the first twenty are told, and how many more there are',
  async (t) => {
    const findings = createFindings();
    const told = () => findings.list.map(({ finding }) => finding);
    for (let index = 0; index < 20; index += 1) findings.addMisfit(1, 'a trace of none', index);
    t.same(told(), Array(20).fill('a trace of none'), 'twenty without a rest');
    for (let index = 20; index < 23; index += 1) findings.addMisfit(1, 'a trace of none', index);
    findings.addMisfit(2, 'a trace of none', 0);
    findings.addMisfit(2, 'a state of none', 23);
    findings.addMisfit(2, 'a time ahead');
    findings.addFault(2, 'a row is missing');
    t.same(told().slice(0, 20), Array(20).fill('a trace of none'));
    t.same(findings.list.slice(20), [
      { log: 2, index: 0, finding: 'a trace of none' },
      { log: 2, index: 23, finding: 'a state of none' },
      { log: 2, finding: 'a time ahead' },
      { log: 2, finding: 'a row is missing' },
      { log: 1, finding: 'a trace of none: 3 more entries' },
    ]);
    t.same(findings.list, findings.list, 'however often it is asked');
  },
);
