/** The commonest fault of a first start, in words that say what to do. */
import type { Environment } from './parse-settings.ts';
import { settingDefinitions } from './settings-schema.ts';

const portSettings = ['JETWAY_EXCHANGE_PORT', 'JETWAY_OPERATIONS_PORT'] as const;

/**
 * Of what a server throws that cannot listen. `chooser` gives the setting or option by which that port is chosen.
 * Undefined where the error is another.
 */
export function takenPortMessage(
  error: unknown,
  chooser: (port: number | undefined) => string,
): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return undefined;
  // a file or a socket of the database may be refused as well
  if (!('syscall' in error) || error.syscall !== 'listen') return undefined;
  const port = 'port' in error ? Number(error.port) : undefined;
  const fault =
    code === 'EADDRINUSE' ? 'is taken by another program: stop that one, or' : 'may not be used:';
  return `port ${port} ${fault} choose another port with ${chooser(port)} (0 takes any free one)`;
}

/** Which setting chooses a port of the gateway. */
export function portSettingOf(environment: Environment): (port: number | undefined) => string {
  const isOf = (setting: (typeof portSettings)[number], port: number | undefined) =>
    Number(environment[setting] || settingDefinitions[setting].default) === port;
  return (port) => portSettings.find((setting) => isOf(setting, port)) ?? 'its setting';
}
