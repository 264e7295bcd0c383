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

function passwordFaults(environment: Environment): ConfigurationFault[] {
  return ['JETWAY_DATABASE_URL', 'JETWAY_DATABASE_OWNER_URL'].flatMap((setting) => {
    const faults: ConfigurationFault[] = [];
    const text = environment[setting];
    if (text && environment[`${setting}_FILE`]) {
      faults.push({ setting, problem: `is set, and so is ${setting}_FILE`, remedy: 'remove one' });
    }
    // An environment is inherited, printed and reported; a file has permissions.
    if (text && (/:\/\/[^/@]*:[^/@]*@/.test(text) || /[?&]password=/.test(text))) {
      faults.push({
        setting,
        problem: 'holds a password',
        remedy: `write the URL to a file of mode 0600 and set ${setting}_FILE`,
      });
    }
    return faults;
  });
}

function relationFaults(settings: Settings): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  if (!settings.JETWAY_DATABASE_URL && !settings.JETWAY_DATABASE_URL_FILE) {
    faults.push({
      setting: 'JETWAY_DATABASE_URL_FILE',
      problem: 'is not set',
      remedy: 'name the file that holds the URL',
    });
  }
  if (
    settings.JETWAY_MIGRATE &&
    !settings.JETWAY_DATABASE_OWNER_URL &&
    !settings.JETWAY_DATABASE_OWNER_URL_FILE
  ) {
    const remedy = 'name the owner, who alone may change tables';
    faults.push({
      setting: 'JETWAY_DATABASE_OWNER_URL_FILE',
      problem: 'is not set, but JETWAY_MIGRATE is true',
      remedy,
    });
  }
  if (settings.JETWAY_MAX_CONNECTIONS_PER_CERTIFICATE > settings.JETWAY_MAX_CONNECTIONS) {
    const problem = 'is above JETWAY_MAX_CONNECTIONS';
    faults.push({ setting: 'JETWAY_MAX_CONNECTIONS_PER_CERTIFICATE', problem, remedy: 'lower it' });
  }
  return faults;
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
  const faults = [...schemaFaults, ...passwordFaults(environment), ...runtimeFaults(environment)];
  return { settings, faults: settings ? [...faults, ...relationFaults(settings)] : faults };
}
