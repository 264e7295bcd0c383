/** Dates that lie ahead, as the database notes them: by triggers, and by the migration for what was there before. */
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { ageAt } from '../../src/clients/person-facts.ts';
import { openDatabase } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrate.ts';
import { migrationsDir } from '../../src/database/migration-files.ts';
import { agreement, centre, council } from '../support/builders.ts';
import { testExchange } from '../support/test-exchange.ts';

const dayMs = 86_400_000;

t.test('sixteen is what the decision says it is, whatever the birthday', async (t) => {
  const exchange = await testExchange(t);
  const days = fc.sample(fc.integer({ min: 0, max: 73_000 }), 400);
  const births = ['2008-02-29', '2084-02-29', '2084-03-01', '2011-02-28', '2012-02-29'];
  const dates = [...births, ...days.map((day) => new Date(day * dayMs).toISOString().slice(0, 10))];
  const { rows } = await exchange.owner.query<{ born: string; due: Date }>(
    'select b::text as born, sixteenth_birthday(b::date) as due from unnest($1::text[]) as b',
    [dates],
  );
  const wrong = rows.filter(({ born, due }) => {
    const at = due.getTime();
    return ageAt(born, at - 1) !== 15 || ageAt(born, at) !== 16;
  });
  t.strictSame(wrong, []);
  t.equal(rows.length, dates.length);
});

t.test('dates that were recorded before there was a feed are swept, too', async (t) => {
  const { postgres } = await testExchange(t);
  const { ownerUrl } = await postgres.createDatabase('earlier');
  const dir = mkdtempSync(join(tmpdir(), 'jetway-earlier-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  for (const name of readdirSync(migrationsDir).filter((file) => file < '0006')) {
    copyFileSync(join(migrationsDir, name), join(dir, name));
  }
  await migrate(ownerUrl, dir);
  const owner = openDatabase({ url: ownerUrl, max: 1 });
  const person = '0193a0de-0000-4000-8000-000000000001';
  const attested = { kind: 'attested-pending', attestedAt: '2026-11-20T00:00:00.000Z' };
  const period = { start: '2026-11-01T00:00:00Z', end: '2027-01-01T01:00:00+01:00' };
  await owner.query(`
update ledger_head set at = '2026-11-22T10:00:00Z';
insert into persons values ('${person}', '2012-03-04', 1, '${council}', '2026-11-20T00:00:00Z');
insert into consents values
  ('${person}', 1, '${person}', '${JSON.stringify({ period, evidence: attested })}', '${centre}', '2026-10-20T00:00:00Z');
insert into overrides values
  ('${person}', '${person}', '${centre}', 'x', '{}', '2026-12-01T00:00:00Z', '${council}', '2026-11-20T00:00:00Z');
insert into person_facts (person_id, name, value, effective_from, source, recorded_at) values
  ('${person}', 'capacity', '"lacks"', '2026-12-02T00:00:00Z', '${council}', '2026-11-20T00:00:00Z'),
  ('${person}', 'pdsSecurity', '"R"', '2026-12-02T00:00:00Z', '${council}', '2026-11-20T00:00:00Z'),
  ('${person}', 'capacity', '"has"', '2026-11-01T00:00:00Z', '${council}', '2026-11-20T00:00:00Z');
insert into sharing_agreements values ('a', 1, '${JSON.stringify(agreement())}', '2025-01-01T00:00:00Z')`);
  await migrate(ownerUrl);
  const { rows } = await owner.query<{ due: Date; what: string }>(
    'select due_at as due, what from due_dates order by due_at, what',
  );
  await owner.end();
  t.strictSame(
    rows.map(({ due, what }) => `${due.toISOString()} ${what}`),
    [
      '2026-11-27T00:00:00.001Z consent.lapsed',
      '2026-12-01T00:00:00.000Z override.ended',
      '2026-12-02T00:00:00.000Z fact.effective',
      '2027-01-01T00:00:00.000Z consent.ended',
      '2028-01-01T00:00:00.000Z agreement.ended',
      '2028-03-04T00:00:00.000Z birthday.16',
    ],
  );
});
