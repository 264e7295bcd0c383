/** Whom numbers, names and birth dates lead to, held against the ledger: nobody is exchanged for another unseen. */
import t from 'tap';
import { register } from '../../support/borough.ts';
import { benefits } from '../../support/builders.ts';
import { ledgerFindings } from '../../support/ledger-findings.ts';
import { somebody } from '../../support/nhs-numbers.ts';
import { tamperedExchange, verifier } from '../../support/test-exchange.ts';

const exchange = await tamperedExchange(t);
const { owner } = exchange;

const [one, another] = [somebody(), somebody()];
const tables = ['persons', 'person_names', 'person_identifiers'];

const findings = () => ledgerFindings(exchange, verifier);

t.test('people whom nobody touched are as their newest registration left them', async (t) => {
  for (const person of [one, another]) await register(exchange, person);
  t.same(await findings(), []);
  await register(exchange, { ...one, previousFamilyNames: ['Byron'] });
  t.same(await findings(), [], 'with what a second one added');
  await register(exchange, one, benefits);
  t.same(await findings(), [], 'nor does it matter who registers them once more');
  await Promise.allSettled([register(exchange, { ...one, birthDate: '1950-01-01' })]);
  t.same(await findings(), [], 'and a contradiction changes nothing');
  for (const table of tables) await owner.query(`create table saved_${table} as table ${table}`);
});

const changed = 'entry: the identity that it left is not what it was';
const first = '(select id from saved_persons order by id limit 1)';

for (const { title, change, found } of [
  {
    title: 'two numbers exchanged',
    change: `update person_identifiers i set person_id = (select id from persons where id <> i.person_id)`,
    found: [changed, changed],
  },
  {
    title: 'a number made another',
    change: `update person_identifiers set value = '9000000009' where person_id = ${first}`,
    found: [changed],
  },
  {
    title: 'a number added',
    change: `insert into person_identifiers values ('made-up', '1', ${first})`,
    found: [changed],
  },
  {
    title: 'a name added',
    change: `insert into person_names values (${first}, 'mallory', false)`,
    found: [changed],
  },
  {
    title: 'names taken away',
    change: `delete from person_names where person_id = ${first}`,
    found: [changed],
  },
  {
    title: 'a birth date edited',
    change: `update persons set birth_date = birth_date + 1 where id = ${first}`,
    found: [changed],
  },
  ...["'infinity'", "'290000-01-01'"].map((at) => ({
    title: `a time that the gateway does not write: ${at}`,
    change: `update persons set registered_at = ${at} where id = ${first}`,
    found: [changed],
  })),
  {
    title: 'somebody whom nobody registered',
    change: `insert into persons (id, birth_date, registered_by, registered_at)
      select '00000000-0000-4000-8000-000000000000', birth_date, registered_by, registered_at
      from saved_persons limit 1`,
    found: ['people whom no entry registered (1)'],
  },
]) {
  t.test(`finds ${title}`, async (t) => {
    await owner.query(change);
    t.same(await findings(), found);
    await owner.query(`
delete from person_identifiers; delete from person_names;
delete from persons where id not in (select id from saved_persons);
update persons p set birth_date = s.birth_date, registered_at = s.registered_at from saved_persons s where s.id = p.id;
insert into person_names select * from saved_person_names;
insert into person_identifiers select * from saved_person_identifiers`);
    t.same(await findings(), [], 'and nothing once it is as it was');
  });
}

t.test('what was added to a person does not become theirs by another registration', async (t) => {
  await owner.query(`insert into person_names values (${first}, 'mallory', false)`);
  t.same(await findings(), [changed]);
  for (const person of [one, another]) await register(exchange, person);
  t.same(await findings(), ['entry: what it found of its person is not what was registered']);
});
