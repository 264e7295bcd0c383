/** A document about somebody else than the person behind the client id is refused, and nothing of it is kept. */
import t from 'tap';
import { publishRecord } from '../../src/exchange/publish-record.ts';
import { recordPuller } from '../../src/exchange/pull-record.ts';
import { traceClient } from '../../src/exchange/trace-client.ts';
import { knownPerson, publish, register, trace } from '../support/borough.ts';
import { benefits, centre, council, naming, registration, summary } from '../support/builders.ts';
import { somebody } from '../support/nhs-numbers.ts';
import { awaitedPerson, relayAgreement, send } from '../support/relay.ts';
import { contextOf, newKey, pullOf, recordOf, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t, relayAgreement());
const chi = 'https://fhir.nhs.uk/Id/chi-number';
const careSystem = 'https://council.example/care-id';

/** What a caller is told of a refusal, and what the ledger holds of it. */
async function refusalOf(attempt: Promise<unknown>) {
  const error = await attempt.then(
    () => Object({}),
    (refused) => refused,
  );
  const { rows } = await exchange.database.query(
    'select action, outcome, reasons, person_id as person from ledger_events order by index desc limit 1',
  );
  return { ...error, code: error.code, errors: error.errors, event: rows[0] };
}

async function countOf(table: 'record_versions' | 'messages' | 'deliveries'): Promise<number> {
  const { rowCount } = await exchange.owner.query(`select from ${table}`);
  return rowCount ?? 0;
}

t.test('a record with another’s number or birth date is not published', async (t) => {
  const [one, other] = [somebody(), somebody()];
  const client = await register(exchange, one);
  await register(exchange, other);
  const before = [await countOf('record_versions'), await countOf('deliveries')];
  const wrong = await refusalOf(publish(exchange, client, { record: summary(other) }));
  t.match(wrong, {
    code: 'PERSON_MISMATCH',
    errors: [{ pointer: '/sections/person/identifiers/0/value', rule: 'person' }],
    event: { action: 'record.published', outcome: 'refused', reasons: ['PERSON_MISMATCH'] },
  });
  t.type(wrong.event.person, 'string', 'the entry names the person behind the client id');
  t.notOk(JSON.stringify(wrong).includes(other.nhsNumber), 'and no number');
  const born = summary({ ...one, birthDate: '1950-01-01' });
  t.match(await refusalOf(publish(exchange, client, { record: born })), {
    code: 'PERSON_MISMATCH',
    errors: [{ pointer: '/sections/person/birthDate', rule: 'person' }],
  });
  t.same([await countOf('record_versions'), await countOf('deliveries')], before);
  t.equal((await publish(exchange, client, { record: summary(one) })).status, 201);
});

t.test('a later version about somebody else leaves the one before as it was', async (t) => {
  const one = somebody();
  const { client, traced } = await knownPerson(exchange, one);
  const own = await recordPuller(exchange)(pullOf(council, client, { custodian: council }));
  const precondition = { kind: 'matches' as const, etags: [own.etag] };
  await t.rejects(publish(exchange, client, { record: summary(somebody()), precondition }), {
    code: 'PERSON_MISMATCH',
  });
  const { body } = await recordPuller(exchange)(pullOf(centre, traced));
  t.equal(JSON.parse(body ?? '').sections.person.identifiers[0].value, one.nhsNumber);
});

t.test('a message about somebody else is not sent', async (t) => {
  const [one, other] = [somebody(), somebody()];
  const { traced } = await awaitedPerson(exchange, one);
  const before = [await countOf('messages'), await countOf('deliveries')];
  for (const type of ['referral', 'discharge-notification'] as const) {
    t.match(await refusalOf(send(exchange, traced, { type, subject: other })), {
      code: 'PERSON_MISMATCH',
      errors: [{ pointer: '/sections/person/identifiers/0/value', rule: 'person' }],
      event: { action: 'message.sent', outcome: 'refused', reasons: ['PERSON_MISMATCH'] },
    });
  }
  t.same([await countOf('messages'), await countOf('deliveries')], before);
  t.equal((await send(exchange, traced, { subject: one })).status, 202);
  const nameless = await send(exchange, traced, { type: 'correction-request' });
  t.equal(nameless.status, 202, 'one that names no person is about the client');
});

t.test('a repetition is answered as it was, though the person has become another', async (t) => {
  const one = somebody();
  const client = await register(exchange, one);
  const request = {
    context: contextOf(council),
    client,
    recordType: 'social-care-summary',
    record: recordOf(naming({ system: careSystem, value: 'P-1' }), exchange.clock.now()),
    digest: 'sha-256=:AAAA:',
    precondition: { kind: 'absent' as const },
    idempotency: newKey('put'),
  };
  const first = await publishRecord(exchange, request);
  // from here on the council has a number for the person, and it is another
  await register(exchange, { ...one, localIds: [{ system: careSystem, value: 'P-2' }] });
  t.strictSame(await publishRecord(exchange, request), first);
  const precondition = { kind: 'matches' as const, etags: [first.etag ?? ''] };
  const anew = { ...request, precondition, idempotency: newKey('put') };
  await t.rejects(publishRecord(exchange, anew), { code: 'PERSON_MISMATCH' });
});

t.test('who is known by a local number alone can have a document with any other', async (t) => {
  const { nhsNumber } = somebody();
  const mine = { system: careSystem, value: `L-${nhsNumber}` };
  const { nhsNumber: none, ...unnumbered } = registration();
  const context = contextOf(council);
  const registered = { context, trace: { ...unnumbered, identifier: mine } };
  const client = String((await traceClient(exchange, registered)).body['client']);
  const named = naming({ system: 'https://fhir.nhs.uk/Id/nhs-number', value: nhsNumber }, mine);
  t.equal((await publish(exchange, client, { record: named })).status, 201);
  const strange = naming({ ...mine, value: 'L-0' });
  await t.rejects(publish(exchange, client, { record: strange }), { code: 'PERSON_MISMATCH' });
});

t.test(
  'a number of somebody else is refused also where the person has none, and cannot be guessed at',
  async (t) => {
    const other = somebody();
    await register(exchange, other, benefits);
    const mine = { system: careSystem, value: `L-${other.nhsNumber}` };
    const { nhsNumber: none, ...unnumbered } = registration();
    const registered = { context: contextOf(council), trace: { ...unnumbered, identifier: mine } };
    const client = String((await traceClient(exchange, registered)).body['client']);
    const withNumber = (value: string) =>
      naming({ system: 'https://fhir.nhs.uk/Id/nhs-number', value }, mine);
    for (let i = 0; i < exchange.limits.failedTracesPerHour; i += 1) {
      t.match(await refusalOf(publish(exchange, client, { record: withNumber(other.nhsNumber) })), {
        code: 'PERSON_MISMATCH',
        errors: [{ pointer: '/sections', rule: 'person' }],
        event: { action: 'record.published', outcome: 'refused', reasons: ['PERSON_MISMATCH'] },
      });
    }
    const free = withNumber(somebody().nhsNumber);
    t.match(await refusalOf(publish(exchange, client, { record: free })), {
      event: { reasons: ['PERSON_MISMATCH', 'MISMATCH_LIMIT_REACHED'] },
    });
    t.equal((await publish(exchange, client, { record: naming(mine) })).status, 201);
  },
);

t.test('of several numbers each is the person’s, however the system is spelt', async (t) => {
  const one = somebody();
  const scottish = { system: chi, value: '0203480007' };
  const client = await register(exchange, { ...one, localIds: [scottish] });
  const nhs = { system: 'https://fhir.nhs.uk/Id/nhs-number', value: one.nhsNumber };
  const shouted = { ...scottish, system: 'https://FHIR.NHS.UK/Id/CHI-number' };
  const first = await publish(exchange, client, { record: naming(nhs, shouted) });
  t.equal(first.status, 201);
  const precondition = { kind: 'matches' as const, etags: [first.etag ?? ''] };
  const mixed = naming(nhs, { ...shouted, value: '0203480015' });
  t.match(await refusalOf(publish(exchange, client, { record: mixed, precondition })), {
    code: 'PERSON_MISMATCH',
    errors: [{ pointer: '/sections', rule: 'person' }],
  });
});

t.test('of a person with one national number, mismatches are not counted', async (t) => {
  const one = somebody();
  const client = await register(exchange, one);
  for (let i = 0; i <= exchange.limits.failedTracesPerHour; i += 1) {
    await t.rejects(publish(exchange, client, { record: summary(somebody()) }), {
      code: 'PERSON_MISMATCH',
      errors: [{ rule: 'person' }],
    });
  }
  t.equal((await publish(exchange, client, { record: summary(one) })).status, 201);
});

t.test('numbers of a person cannot be found out by publishing guesses', async (t) => {
  const one = somebody();
  const { failedTracesPerHour } = exchange.limits;
  await register(exchange, { ...one, localIds: [{ system: chi, value: '0203480031' }] });
  const client = await register(exchange, one, benefits);
  const own = naming({ system: chi, value: '0203480031' });
  const guess = (record = naming({ system: chi, value: '0203480015' })) =>
    refusalOf(publish(exchange, client, { record, organisation: benefits }));
  const system = 'https://fhir.nhs.uk/Id/nhs-number';
  const several = Array.from({ length: 9 }, () => ({ system, value: somebody().nhsNumber }));
  several.push({ system: chi, value: '0203480031' });
  for (let i = 0; i < failedTracesPerHour; i += 1) {
    const { code, errors } = await guess(naming(...several));
    t.equal(code, 'PERSON_MISMATCH');
    t.strictSame([errors.length, errors[0].pointer], [1, '/sections'], 'ten numbers, one guess');
  }
  const over = {
    code: 'PERSON_MISMATCH',
    event: { reasons: ['PERSON_MISMATCH', 'MISMATCH_LIMIT_REACHED'] },
  };
  t.match(await guess(), over);
  t.match(await guess(own), over, 'and then even the right one is a no');
  const unnumbered = await publish(exchange, client, { organisation: benefits });
  t.equal(unnumbered.status, 201, 'what guesses at nothing is published');
  const traced = await trace(exchange, council, one);
  t.equal((await publish(exchange, traced, { record: own })).status, 201, 'as by others');
});
