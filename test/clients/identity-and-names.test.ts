/** Who a person is: identity schemes by their vectors, and family names as the identity check compares them. */
import fc from 'fast-check';
import t from 'tap';
import type { IdentityScheme } from '../../src/clients/identity-schemes/identity-scheme.ts';
import { createIdentitySchemes } from '../../src/clients/identity-schemes/identity-scheme-registry.ts';
import { isSameName, nameKey } from '../../src/clients/name-comparison.ts';
import vectors from '../vectors/nhs-number/ten-digit-numbers.json' with { type: 'json' };

const nhs = 'https://fhir.nhs.uk/Id/nhs-number';
const chi = 'https://fhir.nhs.uk/Id/chi-number';
const hc = 'https://fhir.nhs.uk/Id/hsc-number';
const careSystem = 'https://rushford.example/Id/care-system';
const enabled = ['nhs-number', 'chi-number', 'hc-number', 'local-id'];

function scheme(system: string, ranges: 'production' | 'test' = 'production'): IdentityScheme {
  const found = createIdentitySchemes({ ranges, enabled }).find(system);
  if (!found) throw new Error(`no scheme for ${system}`);
  return found;
}

const columns = {
  production: scheme(nhs),
  test: scheme(nhs, 'test'),
  chi: scheme(chi),
  hc: scheme(hc),
};

function outcome(of: IdentityScheme, value: string): string {
  const verdict = of.validate(value);
  return verdict.ok ? `ok ${verdict.value}` : verdict.rule;
}

t.test('accepts and refuses NHS, CHI and H&C numbers as their registers would', async (t) => {
  for (const { case: title, value, normalised, ...expected } of vectors) {
    const said = Object.fromEntries(
      Object.entries(columns).map(([column, of]) => [column, outcome(of, value)]),
    );
    const wanted = Object.fromEntries(
      Object.entries(expected).map(([column, word]) => [
        column,
        word === 'ok' ? `ok ${normalised}` : word,
      ]),
    );
    t.same(said, wanted, title);
  }
});

t.test('says what is expected of a number, and never the number', async (t) => {
  const detailOf = (of: IdentityScheme, value: string) => {
    const verdict = of.validate(value);
    return verdict.ok ? undefined : verdict.detail;
  };
  t.match(detailOf(columns.production, '9990548609'), /^must begin with 4, 6 or 7,/);
  t.match(detailOf(columns.test, '4010232137'), /^must begin with 5 or 9, .* for tests alone$/);
  t.match(detailOf(columns.test, '9990548608'), /check digit/);
  for (const of of [...Object.values(columns), scheme(careSystem)]) {
    for (const { value } of [...vectors, { value: 'no number!' }]) {
      const detail = detailOf(of, value) ?? 'must be told';
      t.ok(/^must /.test(detail) && !/\d{3}/.test(detail), detail);
    }
  }
});

/** The check digit as the NHS Data Dictionary words it; undefined where it says 10. */
function checkDigit(nine: string): string | undefined {
  const sum = [...nine].reduce((total, digit, i) => total + Number(digit) * (10 - i), 0);
  const check = 11 - (sum % 11);
  if (check === 10) return undefined;
  return check === 11 ? '0' : String(check);
}

t.test(
  'for any nine digits at most one tenth is right, and no slip of the hand passes',
  async () => {
    const nine = fc.stringMatching(/^[467][0-9]{8}$/);
    fc.assert(
      fc.property(nine, fc.nat({ max: 9 }), fc.integer({ min: 1, max: 9 }), (nine, at, add) => {
        const accepted = [...'0123456789'].filter(
          (tenth) => columns.production.validate(nine + tenth).ok,
        );
        const check = checkDigit(nine);
        const isRepeated = new Set(nine).size === 1 && check === nine[0];
        if (`${accepted}` !== (check === undefined || isRepeated ? '' : check)) return false;
        if (check === undefined) return true;
        const number = nine + check;
        const wrong = String((Number(number[at]) + add) % 10);
        const slipped = number.slice(0, at) + wrong + number.slice(at + 1);
        const swapped =
          number.slice(0, at) + (number[at + 1] ?? '') + (number[at] ?? '') + number.slice(at + 2);
        const isSwap = at < 9 && number[at] !== number[at + 1];
        return (
          !columns.production.validate(slipped).ok &&
          !(isSwap && columns.production.validate(swapped).ok)
        );
      }),
    );
  },
);

t.test('no number belongs to two schemes, and none is both real and for tests', async () => {
  const digits = fc.stringMatching(/^[0-9]{9}$/).map((nine) => nine + (checkDigit(nine) ?? '0'));
  fc.assert(
    fc.property(digits, (value) => {
      const takers = [columns.production, columns.test, columns.hc];
      return takers.filter((of) => of.validate(value).ok).length <= 1;
    }),
  );
});

t.test('numbers are shown as people read them, and what is shown is accepted', async (t) => {
  t.equal(columns.test.format('9990548609'), '999 054 8609');
  t.equal(columns.chi.format('0101010000'), '010101 0000');
  for (const { value } of vectors) {
    for (const of of Object.values(columns)) {
      const verdict = of.validate(value);
      if (verdict.ok) t.same(of.validate(of.format(verdict.value)), verdict);
    }
  }
});

t.test('only the schemes that are switched on are found', async (t) => {
  const english = createIdentitySchemes({ ranges: 'production', enabled: ['nhs-number'] });
  t.equal(english.find(nhs)?.name, 'nhs-number');
  for (const system of [chi, hc, careSystem, '', 'nhs-number', `${nhs}/`]) {
    t.equal(english.find(system), undefined, system);
  }
  const local = createIdentitySchemes({ ranges: 'production', enabled: ['local-id'] });
  t.equal(local.find(nhs), undefined, 'a national number is nobody’s local one');
  t.equal(local.find(careSystem)?.scope, 'organisation');
  t.throws(() => createIdentitySchemes({ ranges: 'test', enabled: ['nhs'] }), TypeError);
});

t.test('a national scheme is known in any letter case', async (t) => {
  const english = createIdentitySchemes({ ranges: 'production', enabled: ['nhs-number'] });
  for (const system of [nhs, nhs.toUpperCase(), nhs.toLowerCase(), ` ${nhs} `]) {
    t.equal(english.findNational(system)?.system, nhs, system);
    t.equal(english.find(system)?.system, nhs, system);
  }
  for (const system of [chi, hc, careSystem, '', `${nhs}/`]) {
    t.equal(english.findNational(system), undefined, system);
  }
});

t.test('other names of a national system are nobody’s local ids', async (t) => {
  const others = [
    `${nhs}/`,
    'http://fhir.nhs.uk/Id/nhs-number',
    'http://fhir.nhs.net/Id/nhs-number',
    'urn:oid:2.16.840.1.113883.2.1.4.1',
    '2.16.840.1.113883.2.1.4.1',
    ' fhir.nhs.uk/id/NHS-Number',
    'oid:2.16.840.1.113883.2.1.4.1',
    'urn:oid:2.16.840.1.113883.2.1.4.1.',
    `${nhs}#`,
    `${nhs}?x`,
    `${nhs}/.`,
    'https://fhir.nhs.uk:443/Id/nhs-number',
    'https://www.fhir.nhs.uk/Id//nhs-number',
  ];
  const { find, findMisnamed } = createIdentitySchemes({
    ranges: 'production',
    enabled: ['local-id'],
  });
  for (const system of others) {
    t.equal(findMisnamed(system)?.name, 'nhs-number', system);
    t.equal(find(system), undefined, system);
  }
  for (const system of [nhs, nhs.toUpperCase(), careSystem, 'urn:oid:2.16.840.1.113883.2.1.4']) {
    t.equal(findMisnamed(system), undefined, system);
  }
});

t.test('local ids are bounded text under a URI of their organisation', async (t) => {
  const ids = scheme(careSystem);
  for (const value of ['A', '0042', 'P-1234/5', 'x_y.z', 'a'.repeat(64)]) {
    t.same(ids.validate(value), { ok: true, value });
    t.equal(ids.format(value), value);
  }
  const bad = ['', '-1', ' 1', '1 ', '1\n', 'é', '１', 'a b', 'a\0', '<b>', "o'n", 'a'.repeat(65)];
  for (const value of bad)
    t.match(ids.validate(value), { ok: false, rule: 'format' }, JSON.stringify(value));
  const { find } = createIdentitySchemes({ ranges: 'production', enabled });
  for (const system of ['urn:oid:2.16.840.1.113883', 'https://a.example', careSystem]) {
    t.equal(find(system)?.system, system);
  }
  const systems = ['http://a.example/x', 'HTTPS://a.example', 'https://A.example', 'https:///x'];
  systems.push(
    'https://a.example/?q=1',
    'https://u@a.example',
    'urn:',
    'a',
    '/x',
    `urn:oid:${'1'.repeat(300)}`,
  );
  for (const system of systems) t.equal(find(system), undefined, system);
});

t.test('a family name is the same in every spelling that systems give it', async (t) => {
  const same = [
    [
      "O'Neill",
      'O’NEILL',
      'o neill',
      'O‘Neill',
      'OʼNeill',
      'O`Neill',
      'O´Neill',
      'O＇Neill',
      'Oʻneill',
      'ONEILL',
    ],
    [
      'Smith-Jones',
      'Smith Jones',
      'SMITH‐JONES',
      'smith–jones',
      'Smith\u00adJones',
      'Smith−Jones',
      ' Smith\u00a0Jones ',
    ],
    ['Müller', 'Mu\u0308ller', 'MULLER', 'Ｍuller'],
    ['Weiß', 'WEISS', 'Weiss', 'WEIẞ'],
    ['Łukasz', 'Lukasz', 'ŁUKASZ'],
    ['Sørensen', 'SORENSEN', 'Sǿrensen'],
    ['Þórðardóttir', 'Thordardottir', 'ÞÓRÐARDÓTTIR'],
    ['Æsop', 'Aesop', 'Ǽsop'],
    ['Yılmaz', 'YILMAZ', 'Yilmaz', 'YİLMAZ'],
    ['Nguyễn', 'NGUYEN', 'Nguye\u0302\u0303n'],
    ['Παπαδόπουλος', 'ΠΑΠΑΔΟΠΟΥΛΟΣ'],
    ['Ковалёв', 'КОВАЛЕВ'],
    ['St. John', 'ST JOHN', 'St\u200bJohn'],
  ];
  for (const spellings of same) {
    t.equal(new Set(spellings.map(nameKey)).size, 1, spellings.join(' = '));
  }
});

t.test('different names stay different', async (t) => {
  const names = [
    'Smith',
    'Smyth',
    'Smithe',
    'राम',
    'रम',
    'रमा',
    '王',
    '汪',
    'Müller',
    'Mueller',
    'が',
    'ガ',
    'ம',
    'மா',
  ];
  t.equal(new Set(names.map(nameKey)).size, names.length);
});

t.test('a name without letters matches nothing, itself included', async (t) => {
  for (const nothing of ['', ' ', "'", '-', '—', '.', '?', '\u0301', '\u200b', '\u00ad', '🙂']) {
    t.equal(nameKey(nothing), '', JSON.stringify(nothing));
    t.notOk(isSameName(nothing, [nothing, '', 'Smith']));
    t.notOk(isSameName('Smith', [nothing]));
  }
  t.ok(isSameName("o'neill", ['Smith', 'O Neill']), 'previous names match');
  t.notOk(isSameName('Smith', []));
});

t.test('a name key is its own key, whatever separators, accents and case are put in', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      (name) => nameKey(nameKey(name)) === nameKey(name),
    ),
    { numRuns: 2000 },
  );
  const noise = fc.constantFrom(
    ' ',
    '-',
    "'",
    '’',
    'ʼ',
    '‐',
    '\u0301',
    '\u0308',
    '\u00a0',
    '\u200d',
  );
  const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyzßæøłđþéüñçšабвгжяαβγδω');
  const pieces = fc.array(fc.tuple(letter, noise, fc.boolean()), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(pieces, (pieces) => {
      const plain = pieces.map(([letter]) => letter).join('');
      const noisy = pieces.map(([letter, n, upper]) => (upper ? letter.toUpperCase() : letter) + n);
      return nameKey(noisy.join('')) === nameKey(plain) && isSameName(noisy.join(''), [plain]);
    }),
  );
});
