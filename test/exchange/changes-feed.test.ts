/** The changes feed: what is told, and to whom. */
import t from 'tap';
import { endSharingAgreement, rollOutAgreement } from '../../src/agreements/roll-out-agreement.ts';
import { retractRecord } from '../../src/exchange/publish-record.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import type { ChangesRead } from '../../src/exchange/read-changes.ts';
import { withdrawConsent } from '../../src/exchange/record-consent.ts';
import { recordOverride } from '../../src/exchange/record-override.ts';
import { dateSweeper } from '../../src/exchange/sweep-dates.ts';
import { agree, knownPerson, publish, register, state, trace } from '../support/borough.ts';
import {
  agreement,
  auditor,
  benefits,
  centre,
  consent,
  council,
  otherCentre,
} from '../support/builders.ts';
import { follow, readAll, readPage } from '../support/feed-consumer.ts';
import { somebody } from '../support/nhs-numbers.ts';
import {
  contextOf,
  newKey,
  pullOf,
  schemas,
  type TestExchange,
  testExchange,
} from '../support/test-exchange.ts';

const dayMs = 86_400_000;
const exchange = await testExchange(t);
const pull = recordPuller(exchange);

const withdraw = (id: string, local: TestExchange = exchange) =>
  withdrawConsent(local, {
    ...{ context: contextOf(council), id, reason: 'asked by the person' },
    idempotency: newKey(),
  });
const retract = (client: string) =>
  retractRecord(exchange, {
    ...{ context: contextOf(council), client, recordType: 'social-care-summary' },
    ...{ reason: 'wrong-person', idempotency: newKey() },
  });
const current = (client: string, etag: string) => ({
  ...{ client, recordType: 'social-care-summary', custodian: council, state: 'current', etag },
});
const gone = (client: string) => ({
  ...{ client, recordType: 'social-care-summary', custodian: council, state: 'gone', etag: null },
});

t.test('a consumer without a cursor is told of everybody whom it traced', async (t) => {
  const { traced } = await knownPerson(exchange, somebody());
  const { start } = await follow(exchange);
  const { etag } = await pull(pullOf(centre, traced));
  t.match(
    start.filter(({ client }) => client === traced),
    [current(traced, etag)],
    'with the very tag that a pull answers with',
  );
});

t.test('each cause of a record becoming visible or invisible is told', async (t) => {
  const one = somebody();
  const client = await register(exchange, one);
  const feed = await follow(exchange);
  t.strictSame(await feed.news(), [], 'nobody traced: nothing to tell');

  const traced = await trace(exchange, centre, one);
  t.strictSame(await feed.news(), [], 'no record yet, and nobody is told so');
  const told = async (cause: string, change: object) => {
    t.match(await feed.news(), [change], cause);
    t.strictSame(await feed.news(), [], `${cause}: once`);
  };
  const etagNow = async () => (await pull(pullOf(centre, traced))).etag;

  const { body } = await agree(exchange, client);
  t.strictSame(await feed.news(), [], 'a consent without a record');
  await state(exchange, client);
  await publish(exchange, client);
  await told('a publish', current(traced, await etagNow()));
  await withdraw(String(body['id']));
  await told('a withdrawal', gone(traced));
  const again = await agree(exchange, client);
  await told('a consent', current(traced, await etagNow()));
  await state(exchange, client, { pdsSecurity: 'R' });
  await told('a fact', current(traced, await etagNow()));
  await withdraw(String(again.body['id']));
  await told('another withdrawal', gone(traced));
  await recordOverride(exchange, {
    ...{ context: contextOf(council), client, idempotency: newKey() },
    override: {
      ...{ type: 'court-order', for: centre, recordType: 'social-care-summary', ref: 'CO-1' },
      ...{ expires: '2026-11-29T00:00:00Z', sections: ['person'], tipOffRisk: false },
    },
  });
  await told('an override', current(traced, await etagNow()));
  const { ledgerIndex } = await retract(client);
  await told('a retraction', { ...gone(traced), ledgerIndex });
  const known = await publish(exchange, client);
  await told('a publish after it', {
    ...current(traced, await etagNow()),
    ledgerIndex: known.ledgerIndex,
  });
});

t.test('a first trace shows what was there before it', async (t) => {
  const one = somebody();
  const { client } = await knownPerson(exchange, one);
  const feed = await follow(exchange, otherCentre);
  await state(exchange, client);
  t.strictSame(await feed.news(), [], 'nothing of people whom the consumer did not trace');
  const traced = await trace(exchange, otherCentre, one);
  const { etag } = await pull(pullOf(otherCentre, traced));
  t.match(await feed.news(), [current(traced, etag)]);
});

t.test('only who had a record is told that it is gone, in one form for every cause', async (t) => {
  const one = somebody();
  const { client, traced, consentId } = await knownPerson(exchange, one);
  const feed = await follow(exchange);
  const others = await follow(exchange, otherCentre);
  await withdraw(consentId);
  t.strictSame(
    (await feed.news()).map(({ ledgerIndex: _, ...change }) => change),
    [gone(traced)],
  );
  await trace(exchange, otherCentre, one);
  await state(exchange, client);
  t.strictSame(await others.news(), [], 'the other centre traced the person, and never had it');

  await feed.news();
  const pulled = await knownPerson(exchange, somebody());
  await pull(pullOf(centre, pulled.traced));
  await withdraw(pulled.consentId);
  t.match(await feed.news(), [gone(pulled.traced)], 'a pull is having it, too');
  await state(exchange, pulled.client);
  t.match(await feed.news(), [gone(pulled.traced)], 'and is never forgotten');
});

t.test('of several custodians, each is told of by what was had of it', async (t) => {
  const document = agreement();
  const parties = document.parties.map((party) => ({ ...party, recordTypes: undefined }));
  const local = await testExchange(t, {
    ...document,
    parties: parties.map(({ odsCode, may }) => ({ odsCode, may })),
  });
  const pullLocal = recordPuller(local);
  const one = somebody();
  const { client, traced, consentId } = await knownPerson(local, one);
  await pullLocal(pullOf(centre, traced));
  const theirs = await register(local, one, benefits);
  await publish(local, theirs, { organisation: benefits });
  await withdraw(consentId, local);
  const feed = await follow(local);
  t.match(feed.start, [gone(traced)], 'the one that was pulled');
  await agree(local, client);
  t.match(await feed.news(), [
    { client: traced, custodian: benefits, state: 'current' },
    { client: traced, custodian: council, state: 'current' },
  ]);
});

t.test('nothing of a publisher’s own is told to it', async (t) => {
  const feed = await follow(exchange, council);
  const { client } = await knownPerson(exchange, somebody());
  t.strictSame(await feed.news(), []);
  await retract(client);
  t.strictSame(await feed.news(), []);
});

t.test('a stale trace is told as one, and nothing of records', async (t) => {
  const local = await testExchange(t, agreement({ traceFreshnessDays: 30 }));
  const sweep = dateSweeper(local);
  const one = somebody();
  const { traced, client } = await knownPerson(local, one);
  const bare = somebody();
  await register(local, bare);
  const recordless = await trace(local, centre, bare);
  const feed = await follow(local);
  local.clock.advance(30 * dayMs);
  t.equal(
    await sweep(),
    4,
    'two traces of the centre, and two of the council, which may pull, too',
  );
  const told = await feed.news();
  t.match(
    told.filter((change) => change.client === traced),
    [{ state: 'retrace' }],
  );
  t.match(
    told.filter((change) => change.client === recordless),
    [{ state: 'retrace' }],
    'whether there is a record or not',
  );
  let other: ChangesRead['body'] = { changes: [], next: '', more: true };
  while (other.more) {
    const after = other.next === '' ? undefined : other.next;
    other = (await readPage(local, { after, purpose: 'HRESCH' })).body;
  }
  await state(local, client);
  const { body } = await readPage(local, { after: other.next, purpose: 'HRESCH' });
  t.match(body.changes, [{ client: traced, state: 'retrace' }], 'whatever it is asked for');
  t.match(await feed.news(), [{ client: traced, state: 'retrace' }]);
  await trace(local, centre, one);
  const { etag } = await recordPuller(local)(pullOf(centre, traced));
  t.match(await feed.news(), [current(traced, etag)], 'and all of it once it is fresh');
});

t.test('an agreement that is applied or ended concerns everybody of its parties', async (t) => {
  const local = await testExchange(t);
  const roll = (document = agreement()) =>
    rollOutAgreement(local.ledger, { document, schemas, operator: 'test' });
  const people = await Promise.all(
    Array.from({ length: 5 }, () => somebody()).map((one) => knownPerson(local, one)),
  );
  const feed = await follow(local);
  t.equal(feed.start.length, 5);
  await endSharingAgreement(local.ledger, 'borough-care', 'test');
  const ended = await readAll(local, feed.cursor, centre, 2);
  t.strictSame(
    ended.changes.map(({ client, state }) => `${client} ${state}`).sort(),
    people.map(({ traced }) => `${traced} gone`).sort(),
    'page by page, to a party that has no agreement left',
  );
  await feed.news();
  await roll();
  t.match(
    (await feed.news()).map((change) => change.state),
    Array.from({ length: 5 }, () => 'current'),
  );
  await roll(agreement({ id: 'elsewhere', parties: [{ odsCode: council, may: ['publish'] }] }));
  t.strictSame(await feed.news(), [], 'one of other parties concerns nobody here');
});

t.test('who never was a party is refused, and that is recorded', async (t) => {
  await t.rejects(readPage(exchange, {}, auditor), { code: 'NO_SHARING_AGREEMENT' });
});

t.test('a question without its purpose is no question', async (t) => {
  await knownPerson(exchange, somebody());
  await t.rejects(readPage(exchange, { purpose: undefined }), { code: 'PURPOSE_NEEDED' });
});

t.test('two consents in a row: what is told is how it stands when it is read', async (t) => {
  const { client, traced, consentId } = await knownPerson(exchange, somebody());
  const feed = await follow(exchange);
  await withdraw(consentId);
  const { ledgerIndex } = await agree(exchange, client, { period: consent().period });
  t.match(await feed.news(), [{ client: traced, state: 'current', ledgerIndex }]);
});
