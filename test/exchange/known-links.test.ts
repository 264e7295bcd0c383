/** What a node remembers of links: always what the database holds, and read again only for those who changed. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { confirmLink, findLinks } from '../../src/clients/link-store.ts';
import { openDatabase } from '../../src/database/database.ts';
import type { Queryable } from '../../src/database/queryable.ts';
import { linkReader } from '../../src/exchange/known-links.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { withdrawConsent } from '../../src/exchange/record-consent.ts';
import { getHead } from '../../src/ledger/ledger-store.ts';
import { knownPerson } from '../support/borough.ts';
import { centre, council } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { testDatabase } from '../support/test-database.ts';
import {
  contextOf,
  newKey,
  pullOf,
  type TestExchange,
  tamperedExchange,
} from '../support/test-exchange.ts';

/** People with a link for each of two organisations; clients are `<organisation> <number>`. */
async function people(t: Parameters<typeof tamperedExchange>[0], count: number) {
  const exchange = await tamperedExchange(t);
  const persons = Array.from({ length: count }, () => randomUUID());
  await exchange.owner.query(
    `
insert into persons (id, birth_date, registered_by, registered_at)
select id, '1980-01-01', '${council}', now() from unnest($1::uuid[]) as id`,
    [persons],
  );
  await exchange.owner.query(
    `
insert into client_links (client, organisation, person_id)
select organisation || ' ' || n, organisation, id
from unnest($1::uuid[]) with ordinality as p (id, n), unnest(array['${council}', '${centre}']) as organisation`,
    [persons],
  );
  return { exchange, persons };
}

let traces = 0;
const clientOf = (organisation: string, person: number) => `${organisation} ${person + 1}`;

const changes = {
  trace: ({ owner }: TestExchange, personId: string, client: string) =>
    confirmLink(owner, {
      // an id for a link that there is not yet; one that there is keeps its own
      ...{ client: `new ${traces}`, organisation: client.split(' ')[0] ?? '', personId },
      ...{ tracedAt: new Date(++traces * 1_000), relationship: 'care' },
    }),
  fact: ({ owner }: TestExchange, personId: string) =>
    owner.query(
      `
insert into person_facts (person_id, name, value, effective_from, source, recorded_at)
values ($1::uuid, 'capacity', '"has"', now(), '${council}', now())`,
      [personId],
    ),
  move: ({ owner }: TestExchange, personId: string, client: string) =>
    owner.query(
      `
update client_links set person_id = $1::uuid where client = $2::text and not exists (
  select from client_links l where l.person_id = $1::uuid and l.organisation = client_links.organisation)`,
      [personId, client],
    ),
  unlink: ({ owner }: TestExchange, _personId: string, client: string) =>
    owner.query('delete from client_links where client = $1::text', [client]),
};

/** A node: its memory, and the statements that it sent since it was last asked. */
function node({ owner }: TestExchange) {
  const read = linkReader();
  const statements: string[] = [];
  const counting: Queryable = {
    query(statement, values) {
      statements.push(typeof statement === 'string' ? statement : (statement.name ?? ''));
      return owner.query(statement, values);
    },
  };
  return {
    statements: () => statements.splice(0),
    read: async (...clients: string[]) => read(counting, await getHead(owner), clients),
  };
}

t.test('a link is read once, and again when it or its person has changed', async (t) => {
  const { exchange, persons } = await people(t, 3);
  const one = node(exchange);
  const ada = clientOf(centre, 0);
  const ben = clientOf(centre, 1);
  await one.read(ada, ben);
  t.strictSame(one.statements(), ['links-by-client'], 'two links in one statement');
  await one.read(ada, ben);
  t.strictSame(one.statements(), [], 'nobody changed: no statement at all');

  await changes.trace(exchange, persons[0] ?? '', ada);
  const traced = await one.read(ada, ben);
  t.strictSame(one.statements(), ['persons-changed', 'links-by-client']);
  t.equal(traced.get(ada)?.relationship, 'care');

  const before = traced.get(ben)?.stateVersion ?? 0;
  await changes.fact(exchange, persons[1] ?? '');
  t.equal((await one.read(ada, ben)).get(ben)?.stateVersion, before + 1);
  t.strictSame(one.statements(), ['persons-changed', 'links-by-client']);

  await changes.fact(exchange, persons[2] ?? '');
  await one.read(ada, ben);
  t.strictSame(one.statements(), ['persons-changed'], 'a stranger changed: those known stand');
});

t.test('on another timeline the same version may be of another past: nothing stands', async (t) => {
  const { exchange } = await people(t, 1);
  const ada = clientOf(centre, 0);
  const read = linkReader();
  const moment = await getHead(exchange.owner);
  await read(exchange.owner, moment, [ada]);
  // what a server that lost commits would hold under a version that was reached before
  await exchange.owner.query('alter table client_links disable trigger user');
  await exchange.owner.query(`update client_links set relationship = 'of another past'`);
  await exchange.owner.query('alter table client_links enable trigger user');
  t.equal((await read(exchange.owner, moment, [ada])).get(ada)?.relationship, null);
  const links = await read(exchange.owner, { ...moment, timeline: 'another' }, [ada]);
  t.equal(links.get(ada)?.relationship, 'of another past');
});

t.test('a timeline is of one log on one run of the database server', async (t) => {
  const database = await testDatabase(t);
  const timeline = async () => {
    const owner = openDatabase({ url: database.ownerUrl, max: 1 });
    const head = await getHead(owner);
    await owner.end();
    return head.timeline;
  };
  const before = await timeline();
  t.equal(await timeline(), before);
  await database.postgres.kill('SIGKILL');
  await database.restart();
  t.not(await timeline(), before);
});

t.test('where more changed than are named, everybody is read again', async (t) => {
  const { exchange } = await people(t, 1_200);
  const one = node(exchange);
  const ada = clientOf(centre, 0);
  await one.read(ada);
  // each in a statement of its own, she last: she is not among the first thousand
  await exchange.owner.query(`
do $$ declare link record; begin
  for link in select client from client_links where organisation = '${centre}' order by client = '${ada}' loop
    update client_links set relationship = 'new' where client = link.client;
  end loop;
end $$`);
  t.equal((await one.read(ada)).get(ada)?.relationship, 'new');
  t.strictSame(one.statements().slice(1), ['persons-changed', 'links-by-client']);
});

t.test('pulls find people as they were before the writers of their own transaction', async (t) => {
  const exchange = await tamperedExchange(t);
  const { consentId, traced } = await knownPerson(exchange, somebody());
  const pull = recordPuller(exchange);
  await pull(pullOf(centre, traced));
  const withdraw = { context: contextOf(council), id: consentId, reason: 'asked to' };
  const [withdrawn, pulled] = await Promise.all([
    withdrawConsent(exchange, { ...withdraw, idempotency: newKey() }),
    pull(pullOf(centre, traced)),
  ]);
  t.ok(pulled.ledgerIndex < withdrawn.ledgerIndex, 'permitted, and placed before the withdrawal');
  await t.rejects(pull(pullOf(centre, traced)), { code: 'CONSENT_WITHDRAWN' });
});

t.test('two nodes remember, through any changes, what the database holds', async (t) => {
  const count = 4;
  const { exchange, persons } = await people(t, count);
  const person = fc.integer({ min: 0, max: count - 1 });
  const organisation = fc.constantFrom(council, centre);
  const step = fc.oneof(
    fc.record({
      change: fc.constantFrom<keyof typeof changes>('trace', 'trace', 'fact', 'unlink', 'move'),
      ...{ person, organisation, client: person },
    }),
    fc.record({
      node: fc.integer({ min: 0, max: 1 }),
      of: fc.uniqueArray(fc.tuple(organisation, person), { minLength: 1, maxLength: 4 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const nodes = [node(exchange), node(exchange)];
      for (const one of steps) {
        if ('change' in one) {
          const client = clientOf(one.organisation, one.client);
          await changes[one.change](exchange, persons[one.person] ?? '', client);
          continue;
        }
        const clients = one.of.map(([organisation, person]) => clientOf(organisation, person));
        const remembered = await nodes[one.node]?.read(...clients);
        const stored = await findLinks(exchange.owner, clients);
        if (!t.strictSame(new Map([...(remembered ?? [])].sort()), new Map([...stored].sort()))) {
          return false;
        }
      }
      return true;
    }),
    { numRuns: 25 },
  );
});
