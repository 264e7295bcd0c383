/** What partners write: who may, what it may not do, and that a repetition is answered, not repeated. */
import t from 'tap';
import { listConsents } from '../../src/exchange/list-consents.ts';
import { publishRecord } from '../../src/exchange/publish-record.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { readEvent, searchEvents } from '../../src/exchange/read-audit.ts';
import {
  evidenceConsent,
  recordConsent,
  withdrawConsent,
} from '../../src/exchange/record-consent.ts';
import { recordOverride } from '../../src/exchange/record-override.ts';
import { traceClient } from '../../src/exchange/trace-client.ts';
import { agree, knownPerson, publish, register, state, trace } from '../support/borough.ts';
import {
  auditor,
  benefits,
  centre,
  consent,
  council,
  identity,
  otherCentre,
  registration,
  summary,
} from '../support/builders.ts';
import { contextOf, newKey, pullOf, recordOf, testExchange } from '../support/test-exchange.ts';

const dayMs = 86_400_000;
const exchange = await testExchange(t);
const pull = recordPuller(exchange);

const numbers = [
  '9990000018',
  '9990000026',
  '9990000034',
  '9990000042',
  '9990000050',
  '9990000069',
  '9990000077',
  '9990000085',
  '9990000093',
  '9990000107',
  '9990000115',
  '9990000123',
  '9990000131',
  '9990000158',
  '9990000166',
  '9990000174',
  '9990000182',
  '9990000190',
  '9990000204',
  '9990000212',
  '9990000220',
  '9990000239',
];
const person = () => ({ nhsNumber: numbers.shift() ?? '' });

const assertionOf = (role: string, subject = 'user-1') => ({
  subject,
  name: 'A. Person',
  role,
  purpose: 'TREAT',
  jti: `jti-${Math.floor(exchange.clock.monotonicMs())}-${numbers.length}-${subject}-${role}`,
  issuedAt: exchange.clock.now(),
  expiresAt: new Date(exchange.clock.now().getTime() + 60_000),
  kid: 'k',
});

t.test('wrong birth date, wrong name, unknown number and unverified are one refusal', async (t) => {
  const one = person();
  await register(exchange, one);
  const unverified = person();
  await register(exchange, { ...unverified, nhsNumberStatus: '02' });
  const reasons: (readonly string[])[] = [];
  for (const wrong of [
    { ...one, birthDate: '1948-03-03' },
    { ...one, familyName: 'Oneil' },
    { nhsNumber: '9990009996' },
    unverified,
  ]) {
    const refused = await trace(exchange, centre, wrong).catch((error) => error);
    t.equal(refused.code, 'RESOURCE_NOT_FOUND');
    reasons.push(refused.reasonCodes);
  }
  t.strictSame(
    reasons.flat(),
    ['IDENTITY_MISMATCH', 'IDENTITY_NAME_MISMATCH', 'NO_MATCH', 'IDENTITY_UNVERIFIED'],
    'the ledger knows which',
  );
  await t.rejects(trace(exchange, centre, { nhsNumber: '9990000019' }), {
    code: 'IDENTITY_INVALID',
  });
  t.ok(await trace(exchange, centre, { ...one, familyName: 'O’NÉILL' }), 'spelt their own way');
});

t.test(
  'failed traces are limited per number, and then even the right answer is a no',
  async (t) => {
    const one = person();
    await register(exchange, one);
    const { failedTracesPerNumberPerHour } = exchange.limits;
    for (let i = 0; i < failedTracesPerNumberPerHour; i += 1) {
      await t.rejects(trace(exchange, otherCentre, { ...one, birthDate: '1950-01-01' }));
    }
    await t.rejects(trace(exchange, otherCentre, one), {
      code: 'RESOURCE_NOT_FOUND',
      reasonCodes: ['TRACE_LIMIT_REACHED'],
    });
    t.ok(await trace(exchange, centre, one), 'another organisation is not barred by it');
    exchange.clock.advance(3_600_000);
    t.ok(await trace(exchange, otherCentre, one), 'and an hour later it may ask again');
  },
);

t.test(
  'a registration that contradicts what is held is queued, and nothing is changed',
  async (t) => {
    const one = person();
    const client = await register(exchange, one);
    t.equal(await register(exchange, one), client, 'the same again is found');
    await t.rejects(register(exchange, { ...one, birthDate: '1948-03-03' }), {
      code: 'REGISTRATION_CONFLICT',
    });
    await t.rejects(register(exchange, { ...one, familyName: 'Smith' }, benefits), {
      code: 'REGISTRATION_CONFLICT',
    });
    const { rows } = await exchange.database.query('select id from registration_conflicts');
    t.equal(rows.length, 2, 'both wait for people to look at them');
    t.ok(await trace(exchange, centre, one), 'the person is who they were');
    await t.rejects(register(exchange, person(), centre), { code: 'NO_SHARING_AGREEMENT' });
  },
);

t.test('a record is updated only from the version that was read', async (t) => {
  const client = await register(exchange, person());
  const first = await publish(exchange, client);
  t.equal(first.status, 201);
  await t.rejects(publish(exchange, client), { code: 'PRECONDITION_FAILED' });
  const matches = { kind: 'matches' as const, etags: [first.etag ?? ''] };
  const second = await publish(exchange, client, { precondition: matches });
  t.equal(second.status, 200);
  t.equal(second.body['version'], 2);
  await t.rejects(publish(exchange, client, { precondition: matches }), {
    code: 'PRECONDITION_FAILED',
  });
  await t.rejects(publish(exchange, client, { organisation: centre }), {
    code: 'RESOURCE_NOT_FOUND',
  });
});

t.test('a repetition under the same key is answered with the receipt, and done once', async (t) => {
  const client = await register(exchange, person());
  const request = {
    context: contextOf(council),
    client,
    recordType: 'social-care-summary',
    record: recordOf(summary(), exchange.clock.now()),
    digest: 'sha-256=:AAAA:',
    precondition: { kind: 'absent' as const },
    idempotency: newKey('put'),
  };
  const first = await publishRecord(exchange, request);
  const again = await publishRecord(exchange, request);
  t.strictSame(again, first);
  await t.rejects(
    publishRecord(exchange, {
      ...request,
      idempotency: { ...request.idempotency, bodyMac: 'another body' },
    }),
    { code: 'IDEMPOTENCY_MISMATCH' },
  );
  const twins = newKey('put');
  const [a, b] = await Promise.all([agreeWith(client, twins), agreeWith(client, twins)]);
  t.equal(a.body['id'], b.body['id'], 'also when both come at once');
});

function agreeWith(client: string, idempotency: ReturnType<typeof newKey>) {
  const context = contextOf(council);
  return recordConsent(exchange, { context, client, consent: consent(), idempotency });
}

t.test(
  'an attested consent counts for seven days, and for good once its form has come',
  async (t) => {
    const local = await testExchange(t);
    const localPull = recordPuller(local);
    const client = await register(local);
    await state(local, client);
    await publish(local, client);
    const traced = await trace(local);
    const attested = await agree(local, traced, { evidence: { kind: 'attested-pending' } }, centre);
    t.ok((await localPull(pullOf(centre, traced))).body);
    local.clock.advance(7 * dayMs);
    t.ok((await localPull(pullOf(centre, traced))).body, 'the seventh day is its last');
    local.clock.advance(1);
    await t.rejects(localPull(pullOf(centre, traced)), { code: 'CONSENT_EVIDENCE_OVERDUE' });
    await t.rejects(
      agree(local, traced, { evidence: { kind: 'attested-pending' } }, centre),
      { code: 'ATTESTATION_BARRED' },
      'not repeated without evidence',
    );
    const late = evidenceConsent(local, {
      context: contextOf(council),
      id: String(attested.body['id']),
      evidence: { kind: 'signed-form', reference: 'SF-2' },
      idempotency: newKey(),
    });
    await t.rejects(late, { code: 'CONSENT_STATE_CONFLICT' });
  },
);

t.test('a form in time keeps an attested consent in force', async (t) => {
  const local = await testExchange(t);
  const client = await register(local);
  await state(local, client);
  await publish(local, client);
  const traced = await trace(local);
  const attested = await agree(local, traced, { evidence: { kind: 'attested-pending' } }, centre);
  local.clock.advance(6 * dayMs);
  await evidenceConsent(local, {
    context: contextOf(council),
    id: String(attested.body['id']),
    evidence: { kind: 'signed-form', reference: 'SF-3' },
    idempotency: newKey(),
  });
  local.clock.advance(60 * dayMs);
  t.ok((await recordPuller(local)(pullOf(centre, traced))).body);
});

t.test('an attestation never outranks the person’s own refusal or withdrawal', async (t) => {
  const { client, traced, consentId } = await knownPerson(exchange, person());
  await withdrawConsent(exchange, {
    context: contextOf(council),
    id: consentId,
    reason: 'asked by the person',
    idempotency: newKey(),
  });
  const attest = () => agree(exchange, traced, { evidence: { kind: 'attested-pending' } }, centre);
  await t.rejects(attest(), { code: 'ATTESTATION_BARRED' });

  const another = person();
  const theirs = await register(exchange, another);
  await state(exchange, theirs);
  await publish(exchange, theirs);
  const theirTrace = await trace(exchange, centre, another);
  const narrow = {
    type: 'permit' as const,
    recordTypes: ['social-care-summary'],
    actors: [centre],
    purposes: ['TREAT'],
  };
  await agree(
    exchange,
    theirTrace,
    { evidence: { kind: 'attested-pending' }, rules: [narrow] },
    centre,
  );
  t.ok((await pull(pullOf(centre, theirTrace))).body);
  await agree(exchange, theirs, {
    rules: [{ type: 'deny', recordTypes: ['social-care-summary'] }],
  });
  await t.rejects(pull(pullOf(centre, theirTrace)), { code: 'CONSENT_NOT_IN_FORCE' });
  await t.rejects(agree(exchange, client, { supersedes: '00000000-0000-4000-8000-000000000000' }), {
    code: 'REQUEST_INVALID',
  });
});

t.test(
  'a consent that names what does not exist is refused, since it would withhold nothing',
  async (t) => {
    const client = await register(exchange, person());
    const rules = [
      { type: 'deny' as const, recordTypes: ['social-care-summary'], sections: ['acomodation'] },
    ];
    await t.rejects(agree(exchange, client, { rules }), {
      code: 'REQUEST_INVALID',
      errors: [{ pointer: '/rules/0/sections/0', rule: 'known' }],
    });
  },
);

t.test(
  'break-glass needs a user assertion, lasts an hour, and opens the emergency sections',
  async (t) => {
    const one = person();
    const client = await register(exchange, one);
    await state(exchange, client);
    await publish(exchange, client);
    const traced = await trace(exchange, centre, one);
    const override = {
      type: 'break-glass' as const,
      for: centre,
      recordType: 'social-care-summary',
      expires: new Date(exchange.clock.now().getTime() + 3_000_000).toISOString(),
      justification: 'Unconscious on arrival',
    };
    const record = (context = contextOf(centre), changes = {}) =>
      recordOverride(exchange, {
        context,
        client: traced,
        override: { ...override, ...changes },
        idempotency: newKey(),
      });
    await t.rejects(record(), { code: 'ASSERTION_NEEDED' });
    const gp = () =>
      contextOf(centre, {
        assertion: assertionOf('gp', `user-${numbers.length}-${Math.random()}`),
      });
    await t.rejects(record(gp(), { expires: '2027-01-01T00:00:00Z' }), { code: 'REQUEST_INVALID' });
    await record(gp());
    const opened = await pull(pullOf(centre, traced, { context: gp(), purpose: 'TREAT' }));
    t.strictSame(Object.keys(JSON.parse(opened.body ?? '').sections), ['person']);
    await t.rejects(
      pull(pullOf(centre, traced)),
      { code: 'BREAK_GLASS_ROLE' },
      'not for the system',
    );
    exchange.clock.advance(3_000_000);
    await t.rejects(pull(pullOf(centre, traced, { context: gp() })), {
      code: 'NO_CONSENT_ON_FILE',
    });
  },
);

t.test('a court order is recorded by the custodian alone', async (t) => {
  const { client, traced } = await knownPerson(exchange, person());
  const override = {
    type: 'court-order' as const,
    for: centre,
    recordType: 'social-care-summary',
    expires: '2027-06-01T00:00:00Z',
    ref: 'Order 2026-1',
    sections: ['safeguarding'],
  };
  const order = (odsCode: string, id: string) =>
    recordOverride(exchange, {
      context: contextOf(odsCode),
      client: id,
      override,
      idempotency: newKey(),
    });
  await t.rejects(order(centre, traced), { code: 'NOT_PERMITTED' });
  await order(council, client);
  const opened = await pull(pullOf(centre, traced));
  t.strictSame(Object.keys(JSON.parse(opened.body ?? '').sections), ['safeguarding']);
});

t.test('a user assertion is good for one request', async (t) => {
  const { traced } = await knownPerson(exchange, person());
  const context = contextOf(centre, { assertion: assertionOf('gp', 'user-once') });
  t.ok((await pull(pullOf(centre, traced, { context }))).body);
  await t.rejects(pull(pullOf(centre, traced, { context })), { code: 'ASSERTION_INVALID' });
});

t.test('auditors follow a person without knowing who it is, and reading is recorded', async (t) => {
  const { traced, client } = await knownPerson(exchange, person());
  await pull(pullOf(centre, traced));
  const context = contextOf(auditor);
  const newest = await searchEvents(exchange, { context, filter: {}, limit: 5 });
  const events = newest.body['events'] as readonly Record<string, unknown>[];
  const disclosed = events.find(({ action }) => action === 'record.disclosed');
  t.equal(disclosed?.['outcome'], 'permitted');
  const auditors = String(disclosed?.['client']);
  t.match(auditors, /^c_/);
  t.notOk([traced, client].includes(auditors), 'by an id of the auditor’s own');
  const followed = await searchEvents(exchange, {
    context,
    filter: { client: auditors },
    limit: 2,
  });
  const first = followed.body['events'] as readonly Record<string, unknown>[];
  t.equal(first.length, 2);
  const more = await searchEvents(exchange, {
    context,
    filter: { client: auditors },
    limit: 50,
    after: String(followed.body['next']),
  });
  const rest = more.body['events'] as readonly Record<string, unknown>[];
  t.ok(
    rest.some(({ action }) => action === 'client.registered'),
    'back to the beginning',
  );
  const one = await readEvent(exchange, { context, index: Number(disclosed?.['index']) });
  t.equal(one.body['id'], disclosed?.['id']);
  const reads = await searchEvents(exchange, {
    context,
    filter: { action: 'audit.read' },
    limit: 50,
  });
  t.ok((reads.body['events'] as unknown[]).length >= 4);
  await t.rejects(searchEvents(exchange, { context: contextOf(centre), filter: {}, limit: 1 }), {
    code: 'NO_SHARING_AGREEMENT',
  });
});

t.test('refusals are in the ledger with their exact reason', async (t) => {
  const one = person();
  await register(exchange, one);
  await t.rejects(trace(exchange, centre, { ...one, birthDate: '1900-01-01' }));
  const found = await searchEvents(exchange, {
    context: contextOf(auditor),
    filter: { reason: 'IDENTITY_MISMATCH', organisation: centre, outcome: 'refused' },
    limit: 1,
  });
  const [event] = found.body['events'] as readonly Record<string, unknown>[];
  t.equal(event?.['action'], 'client.traced');
});

t.test('consents are listed for who may record them, and no one else', async (t) => {
  const { client } = await knownPerson(exchange, person());
  const listed = await listConsents(exchange, { context: contextOf(council), client });
  t.equal((listed.body['consents'] as unknown[]).length, 1);
  const context = contextOf(auditor);
  await t.rejects(traceClient(exchange, { context, trace: identity({ register: true }) }), {
    code: 'NO_SHARING_AGREEMENT',
  });
  t.ok(registration());
});
