/** What a pull answers and records, decided under the ledger's lock. */
import t from 'tap';
import { retractRecord } from '../../src/exchange/publish-record.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { withdrawConsent } from '../../src/exchange/record-consent.ts';
import { updateParticipantStatus } from '../../src/participants/register-store.ts';
import { agree, knownPerson, publish, register, state, trace } from '../support/borough.ts';
import {
  agreement,
  centre,
  consent,
  council,
  ordinaryFacts,
  otherCentre,
  personSection,
  summary,
} from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { contextOf, newKey, pullOf, testExchange } from '../support/test-exchange.ts';

const dayMs = 86_400_000;

interface Section {
  section: string;
  reason: string;
}

const exchange = await testExchange(t);
const pull = recordPuller(exchange);
function sections(body: string | undefined): string[] {
  return Object.keys(JSON.parse(body ?? '{}').sections);
}

t.test('releases what consent covers, byte for byte, and says what is withheld', async (t) => {
  const { traced } = await knownPerson(exchange, somebody());
  const { body, etag } = await pull(pullOf(centre, traced));
  t.strictSame(sections(body), ['person', 'localAuthority', 'servicesAndCare']);
  t.ok(
    body?.includes(JSON.stringify(summary()['sections'] && { given: 'Maeve', family: "O'Neill" })),
  );
  const withheld: Section[] = JSON.parse(body ?? '').withheld;
  const reasons = new Map(withheld.map(({ section, reason }) => [section, reason]));
  t.equal(reasons.get('safeguarding'), 'SENSITIVITY_LABEL', 'restricted, and held');
  t.equal(reasons.get('legalInformation'), 'SENSITIVITY_LABEL', 'restricted, and not held');
  t.equal(reasons.get('equipment'), 'MINIMUM_NECESSARY', 'not in the agreement');

  const held = await pull(pullOf(centre, traced, { ifNoneMatch: [etag] }));
  t.equal(held.body, undefined, 'not sent again to who holds it already');
});

t.test(
  'refuses a pull once consent is withdrawn, and again permits what a new one covers',
  async (t) => {
    const { client, traced, consentId } = await knownPerson(exchange, somebody());
    const context = contextOf(council);
    const withdrawn = await withdrawConsent(exchange, {
      context,
      id: consentId,
      reason: 'asked by the person',
      idempotency: newKey(),
    });
    t.equal(withdrawn.body['status'], 'inactive');
    await t.rejects(pull(pullOf(centre, traced)), { code: 'CONSENT_WITHDRAWN' });
    await agree(exchange, client);
    t.ok((await pull(pullOf(centre, traced))).body);
  },
);

t.test('a consent for one centre opens nothing to another', async (t) => {
  const one = somebody();
  const client = await register(exchange, one);
  await state(exchange, client);
  await publish(exchange, client);
  await agree(exchange, client, {
    rules: [{ type: 'permit', recordTypes: ['social-care-summary'], actors: [centre] }],
  });
  const own = await trace(exchange, centre, one);
  const others = await trace(exchange, otherCentre, one);
  t.not(own, others, 'each organisation has its own id for the person');
  t.ok((await pull(pullOf(centre, own))).body);
  await t.rejects(pull(pullOf(otherCentre, others)), { code: 'CONSENT_SCOPE_MISMATCH' });
  await t.rejects(pull(pullOf(otherCentre, own)), { code: 'RESOURCE_NOT_FOUND' });
});

t.test('says that there is no record only to whom it would have been shown', async (t) => {
  const one = somebody();
  const client = await register(exchange, one);
  await state(exchange, client);
  const traced = await trace(exchange, centre, one);
  await t.rejects(pull(pullOf(centre, traced)), { code: 'NO_CONSENT_ON_FILE' });
  await agree(exchange, client);
  await t.rejects(pull(pullOf(centre, traced)), {
    code: 'RESOURCE_NOT_FOUND',
    reasonCodes: ['NO_RECORD'],
  });
});

t.test('a record that was taken back is gone for those who might have had it', async (t) => {
  const { client, traced, consentId } = await knownPerson(exchange, somebody());
  const context = contextOf(council);
  await retractRecord(exchange, {
    context,
    client,
    recordType: 'social-care-summary',
    reason: 'wrong-person',
    idempotency: newKey(),
  });
  await t.rejects(pull(pullOf(centre, traced)), { code: 'RECORD_RETRACTED' });
  await withdrawConsent(exchange, { context, id: consentId, reason: '', idempotency: newKey() });
  await t.rejects(pull(pullOf(centre, traced)), { code: 'CONSENT_WITHDRAWN' });
});

t.test('a publisher reads its own record back whole, whatever consent says', async (t) => {
  const one = somebody();
  const client = await register(exchange, one);
  const none = pull({ ...pullOf(council, client), custodian: council });
  await t.rejects(none, { code: 'RESOURCE_NOT_FOUND' }, 'asked by name it learns that it has none');
  const published = await publish(exchange, client);
  const own = await pull(pullOf(council, client));
  t.ok(sections(own.body).includes('safeguarding'));
  t.equal(own.etag, published.etag, 'with the tag that its next update is conditional on');
});

t.test('what nobody has said of a person takes the stricter reading', async (t) => {
  const one = somebody();
  const client = await register(exchange, one);
  await publish(exchange, client);
  await agree(exchange, client);
  const traced = await trace(exchange, centre, one);
  const before = JSON.parse((await pull(pullOf(centre, traced))).body ?? '');
  t.ok(before.sections.person, 'released');
  const known = (await pull(pullOf(centre, traced))).etag;
  await state(exchange, client);
  const after = await pull(pullOf(centre, traced));
  t.strictSame(JSON.parse(after.body ?? '').redacted, []);
  t.ok(known);
});

t.test('a stale trace blocks disclosure until the person is traced again', async (t) => {
  const local = await testExchange(t, agreement({ traceFreshnessDays: 30 }));
  const one = somebody();
  const { traced } = await knownPerson(local, one);
  const pullLocal = recordPuller(local);
  local.clock.advance(30 * dayMs - 1);
  t.ok((await pullLocal(pullOf(centre, traced))).body);
  local.clock.advance(1);
  await t.rejects(pullLocal(pullOf(centre, traced)), { code: 'TRACE_STALE' });
  t.equal(await trace(local, centre, one), traced, 'the same id at every later trace');
  t.ok((await pullLocal(pullOf(centre, traced))).body);
});

t.test('suspension acts on the next request, whatever the door saw', async (t) => {
  const { traced } = await knownPerson(exchange, somebody());
  await updateParticipantStatus(exchange.database, centre, 'suspended');
  await t.rejects(pull(pullOf(centre, traced)), { code: 'PARTICIPANT_SUSPENDED' });
  await updateParticipantStatus(exchange.database, centre, 'active');
  t.ok((await pull(pullOf(centre, traced))).body);
});

t.test(
  'two thousand pulls with a withdrawal in their midst: none after it carries data',
  async (t) => {
    const { traced, consentId } = await knownPerson(exchange, somebody());
    const pulls = Array.from({ length: 1_000 }, () => pull(pullOf(centre, traced)));
    const withdrawal = withdrawConsent(exchange, {
      context: contextOf(council),
      id: consentId,
      reason: 'asked by the person',
      idempotency: newKey(),
    });
    await pulls[0];
    const later = Array.from({ length: 1_000 }, () => pull(pullOf(centre, traced)));
    const withdrawnAt = (await withdrawal).ledgerIndex;
    const settled = await Promise.allSettled([...pulls, ...later]);
    const released = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = settled.filter((one) => one.status === 'rejected');
    t.ok(released.length > 0 && refused.length > 0, 'the withdrawal fell among them');
    t.equal(released.filter(({ ledgerIndex }) => ledgerIndex > withdrawnAt).length, 0);
    t.ok(
      refused.every(
        ({ reason }) => reason.code === 'CONSENT_WITHDRAWN' && reason.ledgerIndex > withdrawnAt,
      ),
    );
  },
);

t.test(
  'a node that was frozen for five seconds drops its authorisation and decides anew',
  async (t) => {
    const local = await testExchange(t);
    const { traced } = await knownPerson(local, somebody());
    let looks = 0;
    const frozenOnce = {
      ...local.clock,
      // the monotonic clock jumps between the commit and the first answer
      monotonicMs: () => local.clock.monotonicMs() + (looks++ === 0 ? 6_000 : 0),
    };
    const pulled = await recordPuller({ ...local, clock: frozenOnce })(pullOf(centre, traced));
    t.ok(pulled.body, 'on a new authorisation');
    const { rows } = await local.database.query<{ outcome: string; reasons: string[] }>(
      `select outcome, reasons from ledger_events where action = 'record.disclosed' order by index`,
    );
    t.strictSame(rows, [
      { outcome: 'permitted', reasons: ['EXPLICIT_CONSENT'] },
      { outcome: 'failed', reasons: ['NOT_DELIVERED'] },
      { outcome: 'permitted', reasons: ['EXPLICIT_CONSENT'] },
    ]);

    const frozen = { ...local.clock, monotonicMs: () => local.clock.monotonicMs() + 6_000 };
    const never = recordPuller({ ...local, clock: frozen })(pullOf(centre, traced));
    await t.rejects(never, { code: 'TOO_BUSY' }, 'and nothing leaves on an old one');
  },
);

t.test('an entity tag tells nothing of a redacted address or of a section held back', async (t) => {
  const one = somebody();
  const client = await register(exchange, one);
  await state(exchange, client, { ...ordinaryFacts, pdsSecurity: 'R' });
  await agree(exchange, client);
  const traced = await trace(exchange, centre, one);
  const living = (line: string, concern: string) => ({
    ...summary(),
    sections: {
      ...Object(summary()['sections']),
      person: {
        ...personSection(one),
        address: { lines: [line] },
      },
      safeguarding: [{ date: '2026-05-01', concern: { text: concern } }],
    },
  });
  const first = await publish(exchange, client, { record: living('1 Old Road', 'One') });
  const before = await pull(pullOf(centre, traced));
  t.strictSame(JSON.parse(before.body ?? '').redacted, [
    { section: 'person', pointer: '/address', reason: 'location' },
  ]);
  await publish(exchange, client, {
    record: living('9 New Road', 'Another'),
    precondition: { kind: 'matches', etags: [first.etag ?? ''] },
  });
  t.equal((await pull(pullOf(centre, traced))).etag, before.etag);
});

t.test('the ledger says why nothing came of a permit', async (t) => {
  const one = somebody();
  const client = await register(exchange, one);
  await state(exchange, client);
  await agree(exchange, client);
  const traced = await trace(exchange, centre, one);
  const refused = await pull(pullOf(centre, traced)).catch((error) => error);
  const { rows } = await exchange.database.query<{ reasons: string[] }>(
    'select reasons from ledger_events where index = $1',
    [refused.ledgerIndex],
  );
  t.strictSame(rows, [{ reasons: ['NO_RECORD'] }]);
});

t.test('a consent is judged by the ledger’s time, which never runs backwards', async (t) => {
  const local = await testExchange(t);
  const client = await register(local, somebody());
  await agree(local, client, { period: consent().period });
  const at = async () => {
    const { rows } = await local.database.query<{ at: Date }>('select at from ledger_head');
    return rows[0]?.at.getTime() ?? 0;
  };
  const before = await at();
  local.clock.set('2020-01-01T00:00:00Z');
  await agree(local, client);
  t.equal(await at(), before, 'a clock that was set back does not take the ledger with it');
  local.clock.set(new Date(before).toISOString());
});
