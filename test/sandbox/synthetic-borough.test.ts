/** The made-up borough: always the same, acceptable to the gateway's own rules, and nobody who exists. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import { agreementWarnings } from '../../src/agreements/agreement-warnings.ts';
import { planRollOut } from '../../src/agreements/roll-out-agreement.ts';
import { toSharingAgreement } from '../../src/agreements/sharing-agreement.ts';
import { nhsNumberScheme } from '../../src/clients/identity-schemes/nhs-number.ts';
import { nameKey } from '../../src/clients/name-comparison.ts';
import { ageAt } from '../../src/clients/person-facts.ts';
import { checkIncomeArithmetic } from '../../src/records/income-arithmetic.ts';
import { loadSchemaRegistry } from '../../src/records/schema-registry.ts';
import { sandboxAgreements } from '../../src/sandbox/agreement-files.ts';
import { boroughParticipants } from '../../src/sandbox/borough.ts';
import { scenarioConsents, scenarioFacts } from '../../src/sandbox/scenario-consents.ts';
import { seededRandom } from '../../src/sandbox/seeded-random.ts';
import { shellWord } from '../../src/sandbox/shell-word.ts';
import { syntheticHealth } from '../../src/sandbox/synthetic-health.ts';
import { syntheticIncome } from '../../src/sandbox/synthetic-income.ts';
import { syntheticPeople } from '../../src/sandbox/synthetic-people.ts';
import { syntheticReferral } from '../../src/sandbox/synthetic-referral.ts';
import { syntheticSummary } from '../../src/sandbox/synthetic-summary.ts';

const people = syntheticPeople();
const schemas = loadSchemaRegistry('schemas');
const at = Date.parse('2026-11-20T09:30:00Z');
const asAt = new Date(at).toISOString();

t.test('there are always the same 200 people', async (t) => {
  t.equal(people.length, 200);
  t.strictSame(syntheticPeople(), people);
  t.match(people[0], { nhsNumber: '9996347796', familyName: 'Núñez', scenario: 'consented' });
});

t.test('their NHS numbers are valid, their own, and never issued to anybody', async (t) => {
  const scheme = nhsNumberScheme('test');
  t.strictSame(
    people.filter(({ nhsNumber }) => !scheme.validate(nhsNumber).ok),
    [],
  );
  t.ok(people.every(({ nhsNumber }) => nhsNumber.startsWith('999')));
  t.equal(new Set(people.map(({ nhsNumber }) => nhsNumber)).size, 200);
});

t.test('they are children and adults with names of many kinds', async (t) => {
  const names = new Set(people.map(({ familyName }) => familyName));
  t.ok(names.size > 30);
  for (const sign of [/'/, /-/, / /, /[^\p{ASCII}]/u])
    t.ok([...names].some((name) => sign.test(name)));
  t.ok([...names].every((name) => nameKey(name) !== ''));
  const ages = people.map(({ birthDate }) => ageAt(birthDate, at));
  t.ok(ages.some((age) => age < 16) && ages.some((age) => age > 90));
  t.ok(people.every(({ isChild, birthDate }) => isChild === ageAt(birthDate, at) < 16));
});

t.test('every scenario has people', async (t) => {
  const count = (scenario: string) => people.filter((one) => one.scenario === scenario).length;
  t.ok(count('consented') >= 5);
  for (const scenario of [
    ...['no-consent', 'withdrawn', 'attested-pending', 'section-withheld'],
    ...['income-consented', 'restricted', 'deceased'],
  ]) {
    t.ok(count(scenario) >= 1, scenario);
  }
});

t.test('their records are what the gateway accepts', async (t) => {
  for (const person of people) {
    const income = syntheticIncome(person, asAt);
    t.strictSame(
      [
        ...schemas.get('social-care-summary').check(syntheticSummary(person, asAt)),
        ...schemas.get('hb-income-statement').check(income),
        ...schemas.get('health-summary').check(syntheticHealth(person, asAt)),
        ...schemas.get('referral').check(syntheticReferral(person, at, 'ER-1')),
        ...checkIncomeArithmetic(income),
      ],
      [],
      person.nhsNumber,
    );
  }
});

t.test('every fact about them is known, so nothing takes the stricter reading', async (t) => {
  for (const person of people) {
    const { deceasedDate, pdsSecurity } = scenarioFacts(person);
    t.equal(deceasedDate !== null, person.scenario === 'deceased');
    t.equal(pdsSecurity === 'R', person.scenario === 'restricted');
  }
});

t.test('no consent names the third health centre', async (t) => {
  for (const person of people) {
    const consents = scenarioConsents(person, at);
    t.equal(consents.length === 0, person.scenario === 'no-consent');
    for (const { consent } of consents) {
      t.ok(consent.rules.every(({ actors }) => actors && !actors.includes('X81003')));
    }
  }
});

t.test(
  'the sharing agreements can be rolled out side by side, and cover who takes part',
  async (t) => {
    const versions = sandboxAgreements.map((document) => {
      return { id: document.id, version: 1, document, endedAt: null };
    });
    const kinds = new Map(boroughParticipants.map(({ odsCode, kind }) => [odsCode, kind]));
    for (const document of sandboxAgreements) {
      t.equal(planRollOut(document, { versions, schemas, kinds, at }).kind, 'unchanged');
    }
    for (const type of sandboxAgreements.flatMap(({ recordTypes }) => recordTypes)) {
      const all = schemas.get(type.recordType).sections.map(({ name }) => name);
      const shared = type.sections.map(({ section }) => section);
      t.strictSame([...shared].sort(), [...all].sort(), type.recordType);
    }
    const parties = sandboxAgreements.flatMap((agreement) => agreement.parties);
    for (const { odsCode } of boroughParticipants) {
      t.ok(
        parties.some((party) => party.odsCode === odsCode),
        odsCode,
      );
    }
  },
);

t.test('nobody gains by leaving the user assertion out', async (t) => {
  for (const document of sandboxAgreements) {
    t.strictSame(agreementWarnings(document), [], document.id);
  }
  const agreements = sandboxAgreements.map((document) => toSharingAgreement(document, 1));
  const roles = new Set(agreements.flatMap((agreement) => [...agreement.roles.keys()]));
  for (const { odsCode } of boroughParticipants) {
    const own = agreements.filter(({ parties }) => parties.has(odsCode));
    const covers = (role: string) => own.filter((agreement) => agreement.roles.has(role));
    const read = (role: string, type: string) =>
      covers(role).flatMap((agreement) => agreement.roles.get(role)?.get(type) ?? []);
    for (const type of own.flatMap(({ recordTypes }) => [...recordTypes.keys()])) {
      for (const role of roles) {
        if (!covers(role).some(({ recordTypes }) => recordTypes.has(type))) continue;
        const as = new Set(read(role, type));
        const gained = read('system', type).filter((section) => !as.has(section));
        t.strictSame(gained, [], `${odsCode} reads ${type} as ${role}, whichever agreement it is`);
      }
    }
  }
});

t.test('choices are within bounds and the same for the same seed', async () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 31 }), (seed, bound) => {
      const [one, other] = [seededRandom(seed), seededRandom(seed)];
      for (let i = 0; i < 20; i += 1) {
        const chosen = one.below(bound);
        if (chosen < 0 || chosen >= bound || chosen !== other.below(bound)) return false;
      }
      return true;
    }),
  );
});

t.test('what is printed for a shell is one word there, whatever is in it', async (t) => {
  t.equal(shellWord('certs/sandbox/ca.pem'), 'certs/sandbox/ca.pem');
  t.equal(shellWord("O'Neill; rm"), "'O'\\''Neill; rm'");
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), (text) => {
      const word = text.replaceAll('\0', '');
      return (
        spawnSync('/bin/sh', ['-c', `printf %s ${shellWord(word)}`]).stdout.toString() === word
      );
    }),
    { numRuns: 40 },
  );
});
