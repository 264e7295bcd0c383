/** Consents, attestations and overrides: who may record them, and what they may not do. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { listConsents } from '../../src/exchange/list-consents.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
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
  centre,
  consent,
  council,
  identity,
  otherCentre,
  registration,
} from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { contextOf, newKey, pullOf, testExchange } from '../support/test-exchange.ts';

const dayMs = 86_400_000;
const exchange = await testExchange(t);
const pull = recordPuller(exchange);

const assertionOf = (role: string, subject = 'user-1') => ({
  subject,
  name: 'A. Person',
  role,
  purpose: 'TREAT',
  jti: `jti-${randomUUID()}`,
  issuedAt: exchange.clock.now(),
  expiresAt: new Date(exchange.clock.now().getTime() + 60_000),
  kid: 'k',
});

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
  const { client, traced, consentId } = await knownPerson(exchange, somebody());
  await withdrawConsent(exchange, {
    context: contextOf(council),
    id: consentId,
    reason: 'asked by the person',
    idempotency: newKey(),
  });
  const attest = () => agree(exchange, traced, { evidence: { kind: 'attested-pending' } }, centre);
  await t.rejects(attest(), { code: 'ATTESTATION_BARRED' });

  const another = somebody();
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
    const client = await register(exchange, somebody());
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
    const one = somebody();
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
        assertion: assertionOf('gp'),
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
  const { client, traced } = await knownPerson(exchange, somebody());
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
  const { traced } = await knownPerson(exchange, somebody());
  const context = contextOf(centre, { assertion: assertionOf('gp', 'user-once') });
  t.ok((await pull(pullOf(centre, traced, { context }))).body);
  await t.rejects(pull(pullOf(centre, traced, { context })), { code: 'ASSERTION_INVALID' });
});

t.test('consents are listed for who may record them, and no one else', async (t) => {
  const { client } = await knownPerson(exchange, somebody());
  const listed = await listConsents(exchange, { context: contextOf(council), client });
  t.equal((listed.body['consents'] as unknown[]).length, 1);
  const context = contextOf(auditor);
  await t.rejects(traceClient(exchange, { context, trace: identity({ register: true }) }), {
    code: 'NO_SHARING_AGREEMENT',
  });
  t.ok(registration());
});

t.test('attesting again does not put the seventh day off', async (t) => {
  const local = await testExchange(t);
  const client = await register(local);
  await state(local, client);
  await publish(local, client);
  const pending = { evidence: { kind: 'attested-pending' as const } };
  const [own, others] = [await trace(local), await trace(local, otherCentre)];
  await agree(local, own, pending, centre);
  local.clock.advance(6 * dayMs);
  await agree(local, others, pending, otherCentre);
  t.ok((await recordPuller(local)(pullOf(otherCentre, others))).body);
  local.clock.advance(dayMs + 1);
  const late = recordPuller(local)(pullOf(otherCentre, others));
  await t.rejects(late, { code: 'CONSENT_EVIDENCE_OVERDUE' });
  await t.rejects(agree(local, others, pending, otherCentre), { code: 'ATTESTATION_BARRED' });
});

t.test('a user assertion is used up by a request that is refused, too', async (t) => {
  const { client } = await knownPerson(exchange, somebody());
  const context = contextOf(council, { assertion: assertionOf('social-worker') });
  const wrong = { context, client, consent: consent({ supersedes: randomUUID() }) };
  await t.rejects(recordConsent(exchange, { ...wrong, idempotency: newKey() }), {
    code: 'REQUEST_INVALID',
  });
  const again = { context, client, consent: consent(), idempotency: newKey() };
  await t.rejects(recordConsent(exchange, again), { code: 'ASSERTION_INVALID' });
});

t.test('an override for nobody, or of nothing, is refused', async (t) => {
  const { client } = await knownPerson(exchange, somebody());
  const override = {
    type: 'court-order' as const,
    for: 'ZZZ99',
    recordType: 'social-care-summary',
    expires: '2027-06-01T00:00:00Z',
    ref: 'Order 2026-2',
    sections: ['safegarding'],
  };
  const order = { context: contextOf(council), client, override, idempotency: newKey() };
  await t.rejects(recordOverride(exchange, order), {
    code: 'REQUEST_INVALID',
    errors: [{ pointer: '/for' }, { pointer: '/sections/0' }],
  });
});
