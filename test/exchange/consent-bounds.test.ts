/** How far a say over consent and overrides reaches: to the records of one's own agreement, and not without end. */
import { randomUUID } from 'node:crypto';
import t from 'tap';
import { listConsents } from '../../src/exchange/list-consents.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { recordConsent } from '../../src/exchange/record-consent.ts';
import { recordOverride } from '../../src/exchange/record-override.ts';
import { agree, knownPerson, publish, register, state, trace } from '../support/borough.ts';
import { agreement, benefits, centre, consent, council, summary } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { contextOf, newKey, pullOf, testExchange } from '../support/test-exchange.ts';

/** Housing benefits take part in the exchange of income statements alone. */
const parties = agreement().parties.map((party) =>
  party.odsCode === benefits ? { ...party, recordTypes: ['hb-income-statement'] } : party,
);
const exchange = await testExchange(t, agreement({ parties }));
const pull = recordPuller(exchange);

t.test('a party to one record’s exchange has no say over consent to another’s', async (t) => {
  const one = somebody();
  const client = await register(exchange, one, benefits);
  await t.rejects(agree(exchange, client, {}, benefits), { code: 'NO_SHARING_AGREEMENT' });
  const nameless = { rules: [{ type: 'permit' as const }] };
  await t.rejects(agree(exchange, client, nameless, benefits), { code: 'NO_SHARING_AGREEMENT' });
  const income = { rules: [{ type: 'permit' as const, recordTypes: ['hb-income-statement'] }] };
  await agree(exchange, client, income, benefits);

  const councils = await register(exchange, one);
  const denied = await agree(exchange, councils, {
    rules: [{ type: 'deny', recordTypes: ['social-care-summary'] }],
  });
  const superseding = { ...income, supersedes: String(denied.body['id']) };
  await t.rejects(agree(exchange, client, superseding, benefits), { code: 'NO_SHARING_AGREEMENT' });
  const listed = await listConsents(exchange, { context: contextOf(benefits), client });
  t.equal((listed.body['consents'] as unknown[]).length, 1, 'and reads only of its own');
});

t.test('consent in general terms asks for a say over everything that is exchanged', async (t) => {
  const general = { rules: [{ type: 'permit' as const }] };
  const client = await register(exchange, somebody());
  await agree(exchange, client, general);

  const base = agreement();
  const own = ['social-care-summary', 'hb-income-statement'];
  const wider = agreement({
    parties: base.parties.map((party) =>
      party.odsCode === council ? { ...party, recordTypes: own } : party,
    ),
    recordTypes: [
      ...base.recordTypes,
      { recordType: 'health-summary', purposes: ['TREAT'], sections: [{ section: 'person' }] },
    ],
  });
  const other = await testExchange(t, wider);
  const there = await register(other, somebody());
  await t.rejects(agree(other, there, general), { code: 'NO_SHARING_AGREEMENT' });
  await agree(other, there);
});

t.test('attestations do not pile up', async (t) => {
  const one = somebody();
  await register(exchange, one);
  const traced = await trace(exchange, centre, one);
  const pending = { evidence: { kind: 'attested-pending' as const } };
  await agree(exchange, traced, pending, centre);
  await t.rejects(agree(exchange, traced, pending, centre), { code: 'ATTESTATION_BARRED' });
});

t.test('a person’s file has an end', async (t) => {
  const client = await register(exchange, somebody());
  const context = contextOf(council);
  const record = () =>
    recordConsent(exchange, { context, client, consent: consent(), idempotency: newKey() });
  for (let held = 0; held < 200; held += 1) await record();
  await t.rejects(record(), { code: 'LIMIT_REACHED' });
});

t.test('leaving the user out of a safeguarding override gains nothing', async (t) => {
  const { traced } = await knownPerson(exchange, somebody());
  const assertion = (subject: string, name = 'A. Person') => ({
    ...{ subject, name },
    role: 'gp',
    purpose: 'TREAT',
    jti: randomUUID(),
    issuedAt: exchange.clock.now(),
    expiresAt: new Date(exchange.clock.now().getTime() + 60_000),
    kid: 'k',
  });
  const override = {
    type: 'safeguarding' as const,
    for: centre,
    recordType: 'social-care-summary',
    expires: '2026-12-01T00:00:00Z',
    authoriser: 'U-17 ',
    rationale: 's.42 enquiry',
    sections: ['safeguarding'],
  };
  const record = (subject?: string, name?: string, texts: object = {}) =>
    recordOverride(exchange, {
      context: contextOf(centre, subject ? { assertion: assertion(subject, name) } : {}),
      client: traced,
      override: { ...override, ...texts },
      idempotency: newKey(),
    });
  await t.rejects(record(), { code: 'ASSERTION_NEEDED' });
  await t.rejects(record('u-17'), { code: 'NOT_PERMITTED' }, 'nobody authorises their own');
  await t.rejects(
    record('u-18', ' u-\uff11\uff17'),
    { code: 'NOT_PERMITTED' },
    'nor by their name',
  );
  await t.rejects(record('u-18', 'Anne', { authoriser: '\u200b', rationale: '\u2800 \u0007' }), {
    code: 'REQUEST_INVALID',
    errors: [{ pointer: '/authoriser' }, { pointer: '/rationale', rule: 'blank' }],
  });
  await record('u-18');
  const bare = JSON.parse((await pull(pullOf(centre, traced))).body ?? '');
  t.notOk(bare.sections.safeguarding);
  const context = contextOf(centre, { assertion: assertion('u-18') });
  const named = JSON.parse((await pull(pullOf(centre, traced, { context }))).body ?? '');
  t.ok(named.sections.safeguarding);
  const own = contextOf(centre, { assertion: assertion('u-19', 'U-17') });
  const authorising = JSON.parse((await pull(pullOf(centre, traced, { context: own }))).body ?? '');
  t.notOk(authorising.sections.safeguarding, 'what another recorded does not serve its authoriser');
});

t.test('an override has an end that fits its type, and can be recorded again', async (t) => {
  const { client } = await knownPerson(exchange, somebody());
  const grounds = { ref: 'Order 7', authoriser: 'lead-1', rationale: 's.42 enquiry' };
  const record = (type: 'court-order' | 'statutory-duty' | 'safeguarding', lifeMs: number) =>
    recordOverride(exchange, {
      context: contextOf(council),
      client,
      override: {
        ...{ type, for: centre, recordType: 'social-care-summary', sections: ['person'] },
        ...grounds,
        expires: new Date(exchange.clock.now().getTime() + lifeMs).toISOString(),
      },
      idempotency: newKey(),
    });
  const dayMs = 86_400_000;
  for (const [type, days, words] of [
    ['safeguarding', 30, '30 days'],
    ['statutory-duty', 30, '30 days'],
    ['court-order', 366, 'one year'],
  ] as const) {
    t.match(await record(type, days * dayMs), { status: 201 }, type);
    t.match(await record(type, days * dayMs), { status: 201 }, `${type} again`);
    await t.rejects(record(type, days * dayMs + 1), {
      code: 'REQUEST_INVALID',
      errors: [
        { pointer: '/expires', rule: 'period', detail: `must be within ${words} for ${type}` },
      ],
    });
    await t.rejects(record(type, 0), { errors: [{ pointer: '/expires', detail: /future/ }] });
  }
});

t.test('a refusal does not tell whether the record holds what was refused', async (t) => {
  const asked = async (record?: Record<string, unknown>) => {
    const one = somebody();
    const client = await register(exchange, one);
    await state(exchange, client);
    await publish(exchange, client, record ? { record } : {});
    await agree(exchange, client, {
      rules: [
        { type: 'permit', recordTypes: ['social-care-summary'] },
        { type: 'deny', recordTypes: ['social-care-summary'], sections: ['safeguarding'] },
      ],
    });
    const traced = await trace(exchange, centre, one);
    const request = pullOf(centre, traced, { sections: ['safeguarding'] });
    return pull(request).catch((error) => error.code);
  };
  const { safeguarding, ...rest } = Object(summary()['sections']);
  t.ok(safeguarding);
  t.equal(await asked(), await asked({ ...summary(), sections: rest }));
});
