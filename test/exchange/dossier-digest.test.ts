/** What an entry says of everything that was read of a person: its fixed form, and that nothing is left out of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import type { FactEntry } from '../../src/clients/person-facts.ts';
import type { StoredConsent } from '../../src/consent/consent-store.ts';
import type { StoredOverride } from '../../src/consent/override-store.ts';
import { type DossierContent, dossierDigest, rowsOf } from '../../src/exchange/dossier-digest.ts';
import type { OutlinedSection, RecordVersion } from '../../src/records/record-store.ts';

/** From JSON, in which instants are texts. */
function readDossier(json: string): DossierContent {
  return JSON.parse(json, (name, value) => (name === 'recordedAt' ? new Date(value) : value));
}

const vector = join(import.meta.dirname, '../vectors/dossier-digest/one-of-every-row.json');
const { dossier: stored, digest }: { dossier: unknown; digest: string } = JSON.parse(
  readFileSync(vector, 'utf8'),
);
const dossier = readDossier(JSON.stringify(stored));
const digestOf = (changes: Partial<DossierContent>) => dossierDigest({ ...dossier, ...changes });

t.test('what was read is said in the form that entries have said it in ever since', async (t) => {
  t.equal(dossierDigest(dossier), digest);
  t.equal(dossierDigest(readDossier(JSON.stringify(stored))), digest, 'read once more');
  t.equal(rowsOf(dossier), 4 + 1 + 1 + 3);
});

interface Changed {
  path: string;
  json: unknown;
}

/** A value with one thing in it changed, or one item of a list left out: every such value. */
function changedAlone(value: unknown, path = ''): Changed[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, i) => [
      { path: `${path}/${i} left out`, json: value.toSpliced(i, 1) },
      ...changedAlone(item, `${path}/${i}`).map((each) => {
        return { ...each, json: value.with(i, each.json) };
      }),
    ]);
  }
  if (typeof value !== 'object' || value === null) return [{ path, json: otherThan(value) }];
  return Object.entries(value).flatMap(([name, member]) =>
    changedAlone(member, `${path}/${name}`).map((each) => {
      return { ...each, json: { ...value, [name]: each.json } };
    }),
  );
}

function otherThan(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value !== 'string') return 'else';
  // an instant must stay one
  const other = value.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10));
  return other === value ? `${value}!` : other;
}

// all members of all rows, which the types see to; whose they are is said once for all of them
const members = {
  facts: { name: true, value: true, from: true } satisfies Record<keyof FactEntry, boolean>,
  consents: {
    ...{ id: true, version: true, personId: false, document: true },
    ...{ recordedBy: true, recordedAt: true },
  } satisfies Record<keyof StoredConsent, boolean>,
  overrides: {
    ...{ id: true, personId: false, organisation: true, recordType: true, document: true },
    ...{ expiresAt: true, recordedBy: true },
  } satisfies Record<keyof StoredOverride, boolean>,
  records: {
    ...{ personId: false, recordType: true, custodian: true, version: true, schema: true },
    ...{ asAt: true, digest: true, sections: true, outline: true, retractionReason: true },
  } satisfies Record<keyof RecordVersion, boolean>,
  'records/0/outline': {
    ...{ name: true, label: true, start: true, end: true, digest: true },
  } satisfies Record<keyof OutlinedSection, boolean>,
};

t.test('nothing that a decision reads can be another under the same digest', async (t) => {
  const isRead = ({ path }: Changed) => !/\/\d+\/personId$/.test(path);
  const changes = changedAlone(stored).filter(isRead);
  const seen = new Map([[digest, 'unchanged']]);
  for (const { path, json } of changes) {
    const changed = dossierDigest(readDossier(JSON.stringify(json)));
    t.equal(seen.get(changed), undefined, path);
    seen.set(changed, path);
  }
  const paths = changes.map(({ path }) => path);
  for (const [rows, names] of Object.entries({ ...members, '': { personId: 1, birthDate: 1 } })) {
    for (const [name, counts] of Object.entries(names)) {
      const path = rows === '' ? `/${name}` : `/${rows}/0/${name}`;
      t.equal(
        paths.some((each) => `${each}/`.startsWith(`${path}/`)),
        Boolean(counts),
        `${path} is among them`,
      );
    }
  }
});

t.test('a row that was put in makes another digest, and another count', async (t) => {
  const rows = ['facts', 'consents', 'overrides', 'records'] as const;
  for (const kind of rows) {
    const put = { ...dossier, [kind]: [...dossier[kind], dossier[kind][0]] };
    t.not(dossierDigest(put), digest, kind);
    t.equal(rowsOf(put), rowsOf(dossier) + 1, kind);
  }
});

t.test('the order in which a database gives records says nothing', async () => {
  const records = fc.shuffledSubarray([...dossier.records], { minLength: 3 });
  fc.assert(fc.property(records, (shuffled) => digestOf({ records: shuffled }) === digest));
});

t.test('the order of facts does: of those in effect the last recorded counts', async () => {
  const facts = fc.array(
    fc.record({ name: fc.string(), value: fc.jsonValue(), from: fc.integer() }),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(facts, facts, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      return (digestOf({ facts: one }) === digestOf({ facts: other })) === isSame;
    }),
  );
  const turned = fc.shuffledSubarray([...dossier.facts], { minLength: 4 });
  fc.assert(
    fc.property(turned, (shuffled) => {
      const isSame = shuffled.every((fact, i) => fact === dossier.facts[i]);
      return (digestOf({ facts: shuffled }) === digest) === isSame;
    }),
  );
});
