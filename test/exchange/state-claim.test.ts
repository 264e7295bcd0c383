/** What an entry says it wrote, and the digest by which a row is known again. */
import fc from 'fast-check';
import t from 'tap';
import { documentDigest } from '../../src/encoding/document-digest.ts';
import { claimOf } from '../../src/exchange/state-claim.ts';
import { factsDigest, recordDigest } from '../../src/exchange/state-digest.ts';
import { ledgerEvent } from '../../src/ledger/ledger-event.ts';

const id = '0193a0de-0000-7000-8000-000000000001';
const done = { outcome: 'done', digest: 'sha-256=:AAAA:' } as const;
const claim = (parts: Parameters<typeof ledgerEvent>[0]) =>
  claimOf({ ...ledgerEvent(parts), id, at: '2026-11-20T09:00:00.000Z' });

t.test('an entry that wrote nothing is not asked for rows', async (t) => {
  t.equal(claim({ action: 'record.disclosed', outcome: 'permitted' }), 'nothing');
  t.equal(claim({ action: 'client.registered', ...done }), 'nothing', 'of somebody known');
  const particulars = { consent: id, version: 2, repeated: true };
  t.equal(claim({ action: 'consent.withdrawn', ...done, particulars }), 'nothing');
});

t.test('an entry names its rows and their digest', async (t) => {
  const { digest } = done;
  const particulars = { consent: id, version: 2, override: id, rows: [3, 4], stored: 'its own' };
  const subject = { person: id, recordType: 'social-care-summary', custodian: 'X09SC' };
  const said = { ...done, ...subject, particulars };
  t.same(claim({ ...said, action: 'consent.evidenced' }), {
    ...{ kind: 'consent', keys: [[id, '2']], digest },
  });
  t.same(claim({ ...said, action: 'override.recorded' }), {
    ...{ kind: 'override', keys: [[id]], digest },
  });
  t.same(claim({ ...said, action: 'facts.recorded' }), {
    ...{ kind: 'fact', keys: [['3'], ['4']], digest },
  });
  const key = [id, 'social-care-summary', 'X09SC', '2'];
  t.same(claim({ ...said, action: 'record.retracted' }), {
    ...{ kind: 'record', keys: [key], digest: 'its own' },
  });
});

t.test('an entry that the gateway never wrote is unclear, whatever it says', async (t) => {
  const consent = { consent: id, version: 2 };
  const unsaid = { action: 'consent.recorded', outcome: 'done', particulars: consent } as const;
  t.equal(claim(unsaid), 'unclear', 'without a digest');
  const actions = ['consent.recorded', 'override.recorded', 'record.retracted'] as const;
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (odd, version) => {
      const particulars = JSON.parse(JSON.stringify({ consent: odd, override: odd, version }));
      return actions.every((action) => claim({ action, ...done, particulars }) === 'unclear');
    }),
  );
});

t.test(
  'a digest outlives being stored as JSON, and any change of a column changes it',
  async (t) => {
    t.equal(documentDigest({}), 'sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:');
    t.throws(() => documentDigest({ at: new Date(0) }), TypeError);
    const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    fc.assert(fc.property(fc.jsonValue(), (v) => documentDigest(v) === documentDigest(stored(v))));
    const record = {
      ...{ personId: id, recordType: 'social-care-summary', custodian: 'X09SC', version: 1 },
      ...{
        schema: 'social-care-summary/v1',
        asAt: '2026-11-20T09:30:00Z',
        digest: 'sha-256=:AAAA:',
      },
      ...{ sectionsDigest: 'AAAA', outline: [], retractionReason: null, publishedAt: new Date(0) },
    };
    const fact = {
      personId: id,
      name: 'capacity',
      value: 'has',
      from: 0,
      by: 'X09SC',
      at: new Date(0),
    };
    const records = Object.keys(record).map((column) =>
      recordDigest({ ...record, [column]: column === 'publishedAt' ? new Date(1) : 'else' }),
    );
    const facts = Object.keys(fact).map((column) =>
      factsDigest([{ ...fact, [column]: column === 'at' ? new Date(1) : 'else' }]),
    );
    const all = [recordDigest(record), factsDigest([fact]), factsDigest([fact, fact])];
    t.equal(new Set([...all, ...records, ...facts]).size, 3 + records.length + facts.length);
  },
);
