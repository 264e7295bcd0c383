/** From the environment's text to typed settings. Pure: files are looked at elsewhere (setting-files.ts). */
import { compileSchema } from '../validation/json-schema.ts';
import type { ConfigurationFault } from './configuration-error.ts';
import { runtimeFaults } from './runtime-faults.ts';
import { type Settings, settingDefinitions, settingsSchema } from './settings-schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const check = compileSchema<Settings>(settingsSchema);

/** Text that is no number or truth value stays text, which the schema then refuses by name. */
function typed(definition: object | undefined, text: string): string | number | boolean {
  const type: unknown = definition && Reflect.get(definition, 'type');
  if (type === 'integer' && /^(0|[1-9]\d{0,9})$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

const definitions = new Map<string, object>(Object.entries(settingDefinitions));

function withDefaults(environment: Environment): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const [name, definition] of definitions) {
    if ('default' in definition) settings[name] = definition.default;
  }
  for (const [name, text] of Object.entries(environment)) {
    // Compose files pass what is not set as an empty text.
    if (name.startsWith('JETWAY_') && text) settings[name] = typed(definitions.get(name), text);
  }
  return settings;
}

function remedyOf(rule: string, setting: string): string {
  if (rule === 'additionalProperties')
    return 'there is no such setting, correct its spelling or remove it';
  const definition = definitions.get(setting);
  const description: unknown = definition && Reflect.get(definition, 'description');
  return typeof description === 'string' ? description : 'see `jetway config --help`';
}

function databaseFaults(environment: Environment): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const needed = ['JETWAY_DATABASE_URL'];
  if (environment['JETWAY_MIGRATE'] === 'true') needed.push('JETWAY_DATABASE_OWNER_URL');
  for (const setting of ['JETWAY_DATABASE_URL', 'JETWAY_DATABASE_OWNER_URL']) {
    const text = environment[setting];
    const file = environment[`${setting}_FILE`];
    if (text && file)
      faults.push({ setting, problem: `is set, and so is ${setting}_FILE`, remedy: 'remove one' });
    if (!text && !file && needed.includes(setting)) {
      const remedy = remedyOf('required', `${setting}_FILE`);
      faults.push({ setting: `${setting}_FILE`, problem: 'is needed and not set', remedy });
    }
    // An environment is inherited, printed and reported; a file has permissions.
    if (text && (/:\/\/[^/@]*:[^/@]*@/.test(text) || /[?&]password=/.test(text))) {
      const remedy = `write the URL to a file of mode 0600 and set ${setting}_FILE`;
      faults.push({ setting, problem: 'holds a password', remedy });
    }
  }
  return faults;
}

const pushSettings = [
  'JETWAY_CLIENT_CERTIFICATE_FILE',
  'JETWAY_CLIENT_KEY_FILE',
  'JETWAY_SIGNING_KEY_FILE',
] as const;

/** Pushing needs all of them; half of them would be taken for a gateway that pushes. */
function pushFaults(environment: Environment): ConfigurationFault[] {
  const missing = pushSettings.filter((setting) => !environment[setting]);
  if (missing.length === pushSettings.length) return [];
  return missing.map((setting) => ({
    setting,
    problem: 'is not set, and other settings of pushing are',
    remedy: settingDefinitions[setting].description,
  }));
}

function limitFaults(settings: Settings | undefined): ConfigurationFault[] {
  if (
    !settings ||
    settings.JETWAY_MAX_CONNECTIONS_PER_CERTIFICATE <= settings.JETWAY_MAX_CONNECTIONS
  )
    return [];
  const setting = 'JETWAY_MAX_CONNECTIONS_PER_CERTIFICATE';
  return [{ setting, problem: 'is above JETWAY_MAX_CONNECTIONS', remedy: 'lower it' }];
}

const everyAddress: readonly string[] = ['0.0.0.0', '::'];

/** Two doors of one number are right on two addresses, none of which is every address. */
function portFaults(settings: Settings | undefined): ConfigurationFault[] {
  if (!settings) return [];
  const port = settings.JETWAY_OPERATIONS_PORT;
  if (port === 0 || port !== settings.JETWAY_EXCHANGE_PORT) return [];
  const hosts = [settings.JETWAY_EXCHANGE_HOST, settings.JETWAY_OPERATIONS_HOST];
  if (hosts[0] !== hosts[1] && !hosts.some((host) => everyAddress.includes(host))) return [];
  const setting = 'JETWAY_OPERATIONS_PORT';
  return [{ setting, problem: 'is JETWAY_EXCHANGE_PORT too', remedy: 'choose another' }];
}

/** Every fault that can be told without looking at a file; settings only where the schema has none. */
export function parseSettings(environment: Environment): {
  settings: Settings | undefined;
  faults: readonly ConfigurationFault[];
} {
  const candidate = withDefaults(environment);
  const schemaFaults = check(candidate).map(({ pointer, rule, detail }) => {
    const setting = pointer.slice(1);
    const problem = rule === 'required' ? 'is not set' : detail;
    return { setting, problem, remedy: remedyOf(rule, setting) };
  });
  const settings = check.accepts(candidate) ? candidate : undefined;
  return {
    settings,
    faults: [
      ...schemaFaults,
      ...databaseFaults(environment),
      ...pushFaults(environment),
      ...runtimeFaults(environment),
      ...limitFaults(settings),
      ...portFaults(settings),
    ],
  };
}
