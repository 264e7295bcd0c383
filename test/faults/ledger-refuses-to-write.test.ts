/** The database refuses exactly the ledger's own insert: nothing leaves, nothing stays, nothing is remembered. */
import t from 'tap';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { agree, knownPerson, publish, register, state, trace } from '../support/borough.ts';
import { centre, identity } from '../support/builders.ts';
import { pullOf, type TestExchange, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t);
const pull = recordPuller(exchange);

async function whileLedgerRefuses(work: () => Promise<void>): Promise<void> {
  await exchange.owner.query(`
create function refuse_leaves() returns trigger language plpgsql as $$
begin raise exception 'refused by the test'; end $$;
create trigger refuse_leaves before insert on ledger_leaves
  for each row execute function refuse_leaves()`);
  try {
    await work();
  } finally {
    await exchange.owner.query('drop function refuse_leaves cascade');
  }
}

async function size({ database }: TestExchange): Promise<number> {
  const { rows } = await database.query<{ size: number }>('select size from ledger_head');
  return rows[0]?.size ?? -1;
}

t.test('no ledger, no data: a pull is refused and leaves no trace', async (t) => {
  const { traced } = await knownPerson(exchange);
  const before = await size(exchange);
  await whileLedgerRefuses(async () => {
    await t.rejects(pull(pullOf(centre, traced)), { code: 'LEDGER_UNAVAILABLE' });
  });
  t.equal(await size(exchange), before);
  t.ok((await pull(pullOf(centre, traced))).body, 'and is served once the ledger writes again');
});

t.test('a consent that was rolled back is not remembered by the node that saw it', async (t) => {
  const one = { nhsNumber: '9990000026' };
  const client = await register(exchange, one);
  await state(exchange, client);
  await publish(exchange, client);
  const traced = await trace(exchange, centre, identity(one));
  await t.rejects(pull(pullOf(centre, traced)), { code: 'NO_CONSENT_ON_FILE' });
  await whileLedgerRefuses(async () => {
    const recorded = agree(exchange, client);
    const pulled = pull(pullOf(centre, traced));
    await t.rejects(recorded, { code: 'LEDGER_UNAVAILABLE' });
    await t.rejects(pulled, { code: 'LEDGER_UNAVAILABLE' });
  });
  await agree(exchange, client, {
    rules: [{ type: 'deny', recordTypes: ['social-care-summary'] }],
  });
  await t.rejects(pull(pullOf(centre, traced)), { code: 'CONSENT_NOT_IN_FORCE' });
});
