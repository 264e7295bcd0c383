/** The commonest fault of a first start, in words that say what to do. */
import type { Environment } from './parse-settings.ts';
import { settingDefinitions } from './settings-schema.ts';

const portSettings = ['JETWAY_EXCHANGE_PORT', 'JETWAY_OPERATIONS_PORT'] as const;

/** Of what a server throws that cannot listen. Undefined where the error is another. */
export function takenPortMessage(error: unknown, environment: Environment): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return undefined;
  // a file or a socket of the database may be refused as well
  if (!('syscall' in error) || error.syscall !== 'listen') return undefined;
  const port = 'port' in error ? Number(error.port) : undefined;
  const isOf = (setting: (typeof portSettings)[number]) =>
    Number(environment[setting] || settingDefinitions[setting].default) === port;
  const setting = portSettings.find(isOf) ?? 'its setting';
  const fault =
    code === 'EADDRINUSE' ? 'is taken by another program: stop that one, or' : 'may not be used:';
  return `port ${port} ${fault} choose another port with ${setting} (0 takes any free one)`;
}
