/** A configuration is right as a whole or refused with every fault, and no secret is ever shown. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { describeConfig } from '../../src/config/describe-config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { settingDefinitions } from '../../src/config/settings-schema.ts';
import { settingsTable } from '../../src/config/settings-table.ts';

const dir = mkdtempSync(join(tmpdir(), 'jetway-config-'));
t.teardown(() => rmSync(dir, { recursive: true }));
const file = (name: string, content: string | Buffer, mode: number) => {
  writeFileSync(join(dir, name), content);
  chmodSync(join(dir, name), mode);
};
file('secret', 'postgres://jetway:a-long-canary-of-more-than-32-bytes@db.example/jetway\n', 0o600);
file('public.pem', 'certificate', 0o644);
file('short', 'canary', 0o600);

const golden = new URL('../golden/config/', import.meta.url);
const environmentOf = (name: string) =>
  parseEnv(readFileSync(new URL(name, golden), 'utf8').replaceAll('$DIR', dir));

function outcomeOf(environment: NodeJS.Dict<string>): unknown {
  try {
    return { config: describeConfig(loadConfig(environment)) };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const { setting } of error.faults)
      if (!error.message.includes(setting)) throw new Error('fault not told');
    return { faults: error.faults };
  }
}

for (const name of readdirSync(golden).filter((entry) => entry.endsWith('.env'))) {
  t.test(
    `the configuration ${name} is taken, or refused with all its faults, as expected`,
    async (t) => {
      const outcome = JSON.stringify(outcomeOf(environmentOf(name)), undefined, 2).replaceAll(
        dir,
        '$DIR',
      );
      const expected = new URL(name.replace('.env', '.expected.json'), golden);
      if (process.env['UPDATE_GOLDEN']) writeFileSync(expected, `${outcome}\n`);
      t.same(JSON.parse(outcome), JSON.parse(readFileSync(expected, 'utf8')));
      t.notMatch(outcome, /canary/, 'and shows no value that may be secret');
    },
  );
}

t.test('what is loaded cannot be changed, and holds what the secret files hold', async (t) => {
  const config = loadConfig(environmentOf('least.env'));
  t.ok(
    Object.isFrozen(config) &&
      Object.isFrozen(config.exchange) &&
      Object.isFrozen(config.identity.schemes),
  );
  t.match(config.database.url, /^postgres:\/\/jetway:.*jetway$/);
  t.equal(config.database.ownerUrl, undefined);
  t.same(config.identity.schemes, ['nhs-number']);
});

t.test('a key may be raw bytes or base64 text', async (t) => {
  const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7));
  for (const content of [key, key.toString('base64'), `${key.toString('base64')}\n`]) {
    file('mac', content, 0o600);
    const config = loadConfig({
      ...environmentOf('least.env'),
      JETWAY_MAC_KEY_FILE: join(dir, 'mac'),
    });
    t.same(config.macKey, key);
  }
});

t.test('a secret that anybody else may read or write is refused, whoever they are', async (t) => {
  for (const mode of [0o640, 0o604, 0o620, 0o602, 0o610]) {
    file('open', 'postgres://jetway@db.example/jetway', mode);
    const environment = {
      ...environmentOf('least.env'),
      JETWAY_DATABASE_URL_FILE: join(dir, 'open'),
    };
    t.match(
      outcomeOf(environment),
      { faults: [{ setting: 'JETWAY_DATABASE_URL_FILE' }] },
      mode.toString(8),
    );
  }
});

t.test('every setting is described, and stands in the table', async (t) => {
  const table = settingsTable();
  for (const [name, definition] of Object.entries(settingDefinitions)) {
    t.ok(definition.description.endsWith('.') && table.includes(`| \`${name}\` |`), name);
  }
  t.equal(table.trimEnd().split('\n').length, Object.keys(settingDefinitions).length + 2);
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  t.ok(readme.includes(table), 'and the README has that table');
});

t.test(
  'whatever the environment holds, the loader names the setting and never quotes it',
  async (t) => {
    const settings = fc.constantFrom(
      ...Object.keys(settingDefinitions),
      'JETWAY_TYPO',
      'NODE_OPTIONS',
    );
    const canaries = fc.string({ maxLength: 40 }).map((text) => `canary${text}`);
    fc.assert(
      fc.property(fc.dictionary(settings, canaries, { minKeys: 1 }), (environment) => {
        t.notMatch(JSON.stringify(outcomeOf(environment)), 'canary');
      }),
      { numRuns: 300 },
    );
  },
);
