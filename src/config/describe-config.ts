/** The configuration in force, for `jetway config show`: paths of secrets, never what they hold. */
import type { Config } from './load-config.ts';
import { settingDefinitions } from './settings-schema.ts';

/** A URL's password; the loader allows none in a setting, and this does not rely on it. */
function masked(value: string): string {
  return value
    .replace(/(:\/\/[^/@:]*):[^/@]*@/, '$1:***@')
    .replace(/([?&]password=)[^&]*/, '$1***');
}

/** Every setting by name, null where it is not set. */
export function describeConfig(config: Config): Record<string, string | number | boolean | null> {
  const values = new Map<string, string | number | boolean>(Object.entries(config.settings));
  return Object.fromEntries(
    Object.keys(settingDefinitions).map((name) => {
      const value = values.get(name) ?? null;
      return [name, typeof value === 'string' ? masked(value) : value];
    }),
  );
}
