/** Lists of which nothing is on file: told beside the output, which programs read. */
import t from 'tap';
import { operatorAtWork } from '../support/operator-at-work.ts';

const { owner, jetway } = await operatorAtWork(t);

t.test('a list with nothing in it says so on standard error, or is an empty array', async (t) => {
  // what there is of participants hangs on them
  await owner.query('set session_replication_role = replica');
  for (const table of ['participants', 'participant_certificates', 'sharing_agreements']) {
    await owner.query(`delete from ${table}`);
  }
  for (const [words, none] of [
    ['participant list', 'there is no participant'],
    ['agreement list', 'there is no agreement'],
    ['endpoint list', 'there is no endpoint'],
    ['registration list', 'there is no registration that waits'],
    ['delivery list', 'there is no such delivery'],
  ] as const) {
    t.same(await jetway(words), { code: 0, out: '', err: none });
    t.same(await jetway(`${words} --json`), { code: 0, out: '[]', err: '' });
  }
  t.match(await jetway('delivery retry --state rejected'), {
    ...{ code: 1, out: '', err: 'there is no such delivery' },
  });
  t.match(await jetway('delivery retry --state rejected --dry-run'), {
    ...{ out: '', err: 'there is no such delivery' },
  });
});
