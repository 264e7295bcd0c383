/** A configuration is right as a whole or refused with every fault, and no secret is ever shown. */
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { describeConfig } from '../../src/config/describe-config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { settingDefinitions } from '../../src/config/settings-schema.ts';
import { settingsTable } from '../../src/config/settings-table.ts';
import { golden, settingFiles } from '../support/setting-files.ts';

const { dir, file, environmentOf } = settingFiles(t);

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

t.test('a secret that anybody else could replace is refused, and links hide none', async (t) => {
  const folders = ['behind', 'linked'].map((name) => join(dir, name));
  for (const folder of folders) mkdirSync(folder);
  const [behind = '', linked = ''] = folders;
  file('behind/url', 'postgres://jetway@db.example/jetway', 0o600);
  symlinkSync(join(behind, 'url'), join(linked, 'url'));
  const problemsOf = (path: string) => {
    const environment = { ...environmentOf('least.env'), JETWAY_DATABASE_URL_FILE: path };
    const outcome = outcomeOf(environment);
    const faults = outcome instanceof Object && 'faults' in outcome ? outcome.faults : [];
    t.match(
      faults,
      Array(Array.isArray(faults) ? faults.length : 0).fill({
        setting: 'JETWAY_DATABASE_URL_FILE',
      }),
    );
    return JSON.stringify(faults);
  };
  for (const mode of ['720', '702', '777', '2770']) {
    const problem = `a folder that others may write to (mode ${mode})`;
    chmodSync(linked, 0o755);
    chmodSync(behind, mode);
    t.match(problemsOf(join(behind, 'url')), `lies in ${problem}`);
    t.match(problemsOf(join(linked, 'url')), `is a link into ${problem}`);
    chmodSync(behind, 0o755);
    chmodSync(linked, mode);
    t.match(problemsOf(join(linked, 'url')), `lies in ${problem}`);
  }
  for (const mode of ['700', '755', '1777', '3775']) {
    for (const folder of folders) chmodSync(folder, mode);
    t.equal(problemsOf(join(linked, 'url')), '[]', `${mode}, as where a secret is mounted`);
  }
});

t.test('a checkpoint file is a file, or is not there yet', async (t) => {
  const at = (path: string) =>
    outcomeOf({ ...environmentOf('least.env'), JETWAY_CHECKPOINT_FILE: path });
  const folder = join(dir, 'folder');
  mkdirSync(folder);
  file('folder/kept', 'a checkpoint', 0o644);
  symlinkSync(join(folder, 'nothing'), join(folder, 'dangling'));
  symlinkSync(join(folder, 'kept'), join(folder, 'link'));
  for (const [path, problem] of [
    [folder, /names no file/],
    [`${folder}/`, /as a folder does/],
    [join(folder, 'new/'), /as a folder does/],
    [join(folder, 'kept/'), /as a folder does/],
    [join(dir, 'nowhere', 'checkpoint'), /cannot be written/],
    [join(folder, 'kept', 'checkpoint'), /cannot be written/],
    [join(folder, 'dangling'), /names a link/],
    [join(folder, 'link'), /names a link/],
    [join(folder, 'n'.repeat(250)), /too long a name/],
    [join(folder, 'n'.repeat(300)), /too long a name/],
  ] as const) {
    t.match(at(path), { faults: [{ setting: 'JETWAY_CHECKPOINT_FILE', problem }] }, path);
  }
  for (const name of ['checkpoint', 'kept', 'n'.repeat(200)]) {
    t.match(at(join(folder, name)), { config: {} }, name);
  }
});

t.test('an operator has a name that the ledger can show, of 64 characters at most', async (t) => {
  const named = (name: string) =>
    outcomeOf({ ...environmentOf('least.env'), JETWAY_OPERATOR: name });
  for (const name of [
    'a',
    'ana.ng@elmsworth.example',
    'Siân O’Neill, IG (nights)',
    'x'.repeat(64),
  ]) {
    t.match(named(name), { config: { JETWAY_OPERATOR: name } });
  }
  for (const name of [' a', 'a ', 'a\nb', 'a\u001b[2K', 'a\u202eb', '<b>', '"', 'x'.repeat(65)]) {
    t.match(named(name), { faults: [{ setting: 'JETWAY_OPERATOR' }] }, JSON.stringify(name));
  }
});

t.test('two doors have two ports, unless they have two addresses or take any', async (t) => {
  const on = (exchange: string, operations: string, host: string) =>
    outcomeOf({
      ...environmentOf('least.env'),
      JETWAY_EXCHANGE_HOST: '127.0.0.1',
      JETWAY_EXCHANGE_PORT: exchange,
      JETWAY_OPERATIONS_HOST: host,
      JETWAY_OPERATIONS_PORT: operations,
    });
  for (const host of ['127.0.0.1', '0.0.0.0', '::'])
    t.match(on('9000', '9000', host), {
      faults: [{ setting: 'JETWAY_OPERATIONS_PORT', problem: /is JETWAY_EXCHANGE_PORT too/ }],
    });
  for (const [exchange, operations, host] of [
    ['9000', '9001', '127.0.0.1'],
    ['9000', '9000', '127.0.0.2'],
    ['0', '0', '127.0.0.1'],
  ] as const)
    t.match(on(exchange, operations, host), { config: {} });
});

t.test('every setting is described, and stands in the table', async (t) => {
  const table = settingsTable();
  for (const [name, definition] of Object.entries(settingDefinitions)) {
    t.ok(definition.description.endsWith('.') && table.includes(`| \`${name}\` |`), name);
    const pointing =
      /\b(that|this|those) (url|certificate|key|file)\b|\bthe same (?!time)|\bby then\b/i;
    t.notMatch(definition.description, pointing, `a fault tells of ${name} without the row above`);
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
