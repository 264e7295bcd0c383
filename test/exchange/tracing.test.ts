/** Who is known, to whom, and how a no is said. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { formatThreeThreeFour } from '../../src/clients/identity-schemes/ten-digit-number.ts';
import { readIdentity } from '../../src/exchange/traced-identity.ts';
import { register, trace } from '../support/borough.ts';
import {
  agreement,
  benefits,
  centre,
  council,
  otherCentre,
  registration,
} from '../support/builders.ts';
import { nextNumber, somebody } from '../support/nhs-numbers.ts';
import { identitySchemes, tamperedExchange, testExchange } from '../support/test-exchange.ts';

const exchange = await testExchange(t);
const nhs = 'https://fhir.nhs.uk/Id/nhs-number';
const careSystem = 'https://council.example/care-id';

t.test('wrong birth date, wrong name, unknown number and unverified are one refusal', async (t) => {
  const one = somebody();
  await register(exchange, one);
  const unverified = somebody();
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
  await t.rejects(trace(exchange, centre, { nhsNumber: '4010232137' }), {
    errors: [{ pointer: '/nhsNumber', rule: 'range', detail: /^must begin with 5 or 9,/ }],
  });
  for (const [wrong, detail] of [
    [{ birthDate: '2030-01-01' }, /birth date/],
    [{ familyName: '--' }, /family name/],
  ] as const) {
    await t.rejects(register(exchange, { ...somebody(), ...wrong }), {
      code: 'IDENTITY_INVALID',
      detail,
    });
  }
  t.ok(await trace(exchange, centre, { ...one, familyName: 'O’NÉILL' }), 'spelt their own way');
});

t.test(
  'failed traces are limited per number, and then even the right answer is a no',
  async (t) => {
    const one = somebody();
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
    const one = somebody();
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
    await t.rejects(register(exchange, somebody(), centre), { code: 'NO_SHARING_AGREEMENT' });
  },
);

t.test(
  'a registration that gives somebody two numbers of one kind makes nobody known',
  async (t) => {
    const [one, other, mine] = [somebody(), somebody(), { system: careSystem, value: 'L-7' }];
    for (const localIds of [
      [{ system: nhs, value: other.nhsNumber }],
      [mine, { ...mine, value: 'L-8' }],
    ]) {
      const refused = await register(exchange, { ...one, localIds }).catch((error) => error);
      t.match(refused, { code: 'REGISTRATION_CONFLICT', extensions: { conflict: String } });
    }
    for (const number of [one, other]) await t.rejects(trace(exchange, council, number));
    await register(exchange, { ...one, localIds: [mine] });
    await register(exchange, other);
  },
);

t.test('a registrar who may not record facts does not change one by registering', async (t) => {
  const parties = agreement().parties.map((party) =>
    party.odsCode === benefits ? { ...party, may: ['register' as const] } : party,
  );
  const local = await testExchange(t, agreement({ parties }));
  await register(local);
  await t.rejects(register(local, { nhsNumberStatus: '02' }, benefits), {
    code: 'REGISTRATION_CONFLICT',
  });
  t.ok(await trace(local), 'the person is still verified');
});

t.test('whatever a registration says more than once counts as said once', async (t) => {
  const one = somebody();
  const number = { system: nhs, value: one.nhsNumber };
  const mine = { system: careSystem, value: 'L-1' };
  const localIds = [
    number,
    { ...number, value: formatThreeThreeFour(one.nhsNumber) },
    mine,
    { ...mine },
  ];
  const client = await register(exchange, { ...one, localIds });
  t.equal(await register(exchange, { ...one, localIds }), client, 'nor does it contradict itself');
  const other = { system: nhs, value: nextNumber() };
  for (const contradiction of [other, { ...mine, value: 'L-2' }]) {
    await t.rejects(
      register(exchange, { ...one, localIds: [mine, contradiction] }),
      { code: 'REGISTRATION_CONFLICT' },
      'another number of the same system still contradicts what is held',
    );
  }

  const [first, second] = [nextNumber(), nextNumber()];
  const spellings = [first, formatThreeThreeFour(first), second, formatThreeThreeFour(second)];
  const given = fc.record({
    nhsNumber: fc.constantFrom(...spellings),
    localIds: fc.array(
      fc.record({
        system: fc.constantFrom(nhs, nhs.toUpperCase()),
        value: fc.constantFrom(...spellings),
      }),
    ),
    previousFamilyNames: fc.array(fc.constantFrom("O'Neill", 'ONEILL', 'Byron', 'byron', '--')),
  });
  fc.assert(
    fc.property(given, (given) => {
      const read = readIdentity(identitySchemes, council, registration(given));
      const identifiers = [read.identifier, ...read.localIds].map(({ value }) => value);
      const said = [given.nhsNumber, ...given.localIds.map(({ value }) => value)];
      const names = given.previousFamilyNames.some((name) => /byron/i.test(name)) ? ['byron'] : [];
      const once = new Set(said.map((value) => value.replaceAll(' ', '')));
      return isDeepStrictEqual([identifiers, read.previousNameKeys], [[...once], names]);
    }),
  );
});

t.test(
  'a person’s names and identifiers have an end, and nothing is half done at it',
  async (t) => {
    const one = somebody();
    const client = await register(exchange, one);
    const names = Array.from({ length: 60 }, (_, i) => `Byron ${i}`);
    const ids = names.map((_, i) => ({ system: `${careSystem}/${i}`, value: 'L-1' }));
    const held = () =>
      exchange.database.query(
        'select (select count(*) from person_names) as names, (select count(*) from person_identifiers) as identifiers',
      );
    for (const { added, last, beyond, also, what } of [
      {
        added: { previousFamilyNames: names.slice(0, 47) },
        last: { previousFamilyNames: names.slice(40, 49) },
        beyond: { previousFamilyNames: names.slice(40, 50) },
        also: { localIds: ids.slice(0, 1) },
        what: /names/,
      },
      {
        added: { localIds: ids.slice(0, 47) },
        last: { localIds: ids.slice(40, 49) },
        beyond: { localIds: ids.slice(40, 50) },
        also: { nhsNumberStatus: '02' },
        what: /identifiers/,
      },
    ]) {
      await register(exchange, { ...one, ...added });
      const before = await held();
      const refused = register(exchange, { ...one, ...beyond, ...also });
      await t.rejects(refused, { code: 'LIMIT_REACHED', detail: what });
      t.strictSame((await held()).rows, before.rows, 'nothing of it is kept');
      const { rows } = await exchange.database.query(
        'select outcome, reasons, person_id is null as nameless from ledger_events order by index desc limit 1',
      );
      t.match(rows, [{ outcome: 'refused', reasons: ['LIMIT_REACHED'], nameless: false }]);
      t.equal(
        await register(exchange, { ...one, ...last }),
        client,
        'up to the limit there is room',
      );
      await t.rejects(register(exchange, { ...one, ...beyond }), { code: 'LIMIT_REACHED' });
      t.equal(
        await register(exchange, { ...one, ...last }),
        client,
        'and what adds nothing is done',
      );
    }
    t.ok(await trace(exchange, centre, { ...one, familyName: 'Byron 48' }), 'still verified');
  },
);

t.test(
  'registering with ever another status is no way around the end of a person’s facts',
  async (t) => {
    const exchange = await tamperedExchange(t);
    const one = somebody();
    const client = await register(exchange, one);
    await exchange.owner.query(
      `
insert into person_facts (person_id, name, value, effective_from, source, recorded_at)
select person_id, name, value, effective_from, source, recorded_at from person_facts, generate_series(1, 999)
where person_id in (select person_id from client_links where client = $1)`,
      [client],
    );
    await t.rejects(register(exchange, { ...one, nhsNumberStatus: '02' }), {
      code: 'LIMIT_REACHED',
    });
    t.equal(await register(exchange, one), client, 'the status that is held changes nothing');
  },
);
