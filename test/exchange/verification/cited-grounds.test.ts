/** Disclosures that rest on what had gone by then are found, however a node was kept from knowing it. */
import t from 'tap';
import { endSharingAgreement } from '../../../src/agreements/roll-out-agreement.ts';
import { recordPuller } from '../../../src/exchange/pull-record.ts';
import { withdrawConsent } from '../../../src/exchange/record-consent.ts';
import { CitedGrounds } from '../../../src/exchange/verification/cited-grounds.ts';
import { verifyLedger } from '../../../src/ledger/verification/verify-ledger.ts';
import { knownPerson } from '../../support/borough.ts';
import { agreement, centre, council } from '../../support/builders.ts';
import { applyAgreement } from '../../support/enter-participants.ts';
import { somebody } from '../../support/nhs-numbers.ts';
import {
  contextOf,
  newKey,
  pullOf,
  schemas,
  tamperedExchange,
  verifier,
} from '../../support/test-exchange.ts';

const exchange = await tamperedExchange(t);
const { ledger, database, owner, clock } = exchange;
const pull = recordPuller(exchange);

async function findings(): Promise<readonly string[]> {
  const evidence = { verifier, checkpointFile: undefined, clock };
  const grounds = () => ({ followers: [new CitedGrounds()], compare: async () => [] });
  return (await verifyLedger(database, evidence, grounds)).findings.map(({ finding }) => finding);
}

/** As the owner of the database can: the node does not hear of what changes in the table. */
async function unheard(table: string, change: () => Promise<unknown>) {
  await owner.query(`alter table ${table} disable trigger user`);
  await change();
  await owner.query(`alter table ${table} enable trigger user`);
}

t.test('a disclosure after the withdrawal of the consent that it cites', async (t) => {
  const { traced, consentId } = await knownPerson(exchange, somebody());
  t.ok((await pull(pullOf(centre, traced))).body);
  t.same(await findings(), [], 'not one before it');
  await unheard('consents', () =>
    withdrawConsent(exchange, {
      ...{ context: contextOf(council), id: consentId, reason: 'asked to' },
      idempotency: newKey(),
    }),
  );
  t.ok((await pull(pullOf(centre, traced))).body, 'the node goes on by what it holds');
  t.same(await findings(), ['the consent that it rests on had been withdrawn']);
});

t.test('a disclosure under an agreement that was ended, or was never applied', async (t) => {
  const before = (await findings()).length;
  const { traced } = await knownPerson(exchange, somebody());
  const cited = 'the agreement that it rests on was not in force in that version';
  await owner.query(`insert into sharing_agreements
    select id, 7, document, applied_at from sharing_agreements where version = 1`);
  t.ok((await pull(pullOf(centre, traced))).body);
  await owner.query('delete from sharing_agreements where version = 7');
  t.same((await findings()).slice(before), [cited], 'of a version that stood there for a while');

  await applyAgreement(ledger, schemas, { ...agreement(), title: 'Again' });
  t.ok((await pull(pullOf(centre, traced))).body);
  t.same((await findings()).slice(before), [cited], 'not under the newest');
  await unheard('sharing_agreements', () => endSharingAgreement(ledger, 'borough-care', 'test'));
  t.ok((await pull(pullOf(centre, traced))).body);
  t.same(
    (await findings()).slice(before),
    [cited, cited],
    'nor is the end of one unheard for good',
  );
});
