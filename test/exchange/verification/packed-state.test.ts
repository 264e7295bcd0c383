/** Entries that wrote something are held against it also where their payloads are packed. */
import t from 'tap';
import { stateVerification } from '../../../src/exchange/verification/state-verification.ts';
import { verifyLedger } from '../../../src/ledger/verification/verify-ledger.ts';
import { publish, register } from '../../support/borough.ts';
import { somebody } from '../../support/nhs-numbers.ts';
import { tamperedExchange, verifier } from '../../support/test-exchange.ts';

t.test('a record changed behind a packed batch is found', async (t) => {
  const exchange = await tamperedExchange(t);
  const { database, owner, clock } = exchange;
  const clients: string[] = [];
  for (let i = 0; i < 10; i += 1) clients.push(await register(exchange, somebody()));
  const countPacked = async () =>
    (await owner.query('select from ledger_payloads where packed is not null')).rows.length;
  const before = await countPacked();
  // all at once, and so in one transaction
  await Promise.all(clients.map((client) => publish(exchange, client)));
  t.equal(await countPacked(), before + 1);
  const verify = async () =>
    (
      await verifyLedger(
        database,
        { verifier, checkpointFile: undefined, clock },
        stateVerification,
      )
    ).findings.filter(({ finding }) => finding.includes('row'));
  t.strictSame(await verify(), []);
  await owner.query(`update record_versions set as_at = '2020-01-01T00:00:00Z' where person_id = (
    select person_id from record_versions limit 1)`);
  t.match(await verify(), [{ finding: 'the record row that it wrote is not what it was' }]);
});
