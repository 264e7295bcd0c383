/**
 * The gateway's configuration in the sandbox: what the caller's environment says, except where the sandbox
 * brings its own certificates, keys and database. Loaded like any other configuration.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Config, loadConfig } from '../config/load-config.ts';
import type { Environment } from '../config/parse-settings.ts';
import type { DatabaseUrls } from '../database/embedded-postgres.ts';
import type { SandboxCertificates } from './sandbox-certificates.ts';
import {
  keepClosedFolder,
  keepSecretFile,
  writeOpenFile,
  writeSecretFile,
} from './sandbox-files.ts';
import { keepKey } from './sandbox-keys.ts';
import type { SandboxPlaces } from './sandbox-places.ts';
import { shellWord } from './shell-word.ts';

const ledgerOrigin = 'sandbox.elmsworth.example/audit';

/** Generous, so that people's scripts may fail a lot of traces. */
const limits = {
  JETWAY_FAILED_TRACES_PER_HOUR: '1000',
  JETWAY_FAILED_TRACES_PER_NUMBER_PER_HOUR: '20',
};

/**
 * Makes what is missing, and writes what is the sandbox's own into a file that a shell can read, so that other
 * commands can be tried on its database. Throws a ConfigurationError with everything that the
 * environment has wrong.
 */
export async function loadSandboxConfig(
  environment: Environment,
  places: SandboxPlaces,
  certificates: SandboxCertificates,
  database: DatabaseUrls,
  now: Date,
): Promise<Config> {
  const secret = (name: string) => join(places.secretsDir, name);
  keepClosedFolder(places.secretsDir);
  await keepKey(secret('ledger.key'), 'ed25519');
  keepSecretFile(secret('mac.key'), () => randomBytes(32).toString('base64'));
  writeSecretFile(secret('database-url'), database.gatewayUrl);
  writeSecretFile(secret('database-owner-url'), database.ownerUrl);
  const own = {
    JETWAY_DATABASE_URL_FILE: secret('database-url'),
    JETWAY_DATABASE_OWNER_URL_FILE: secret('database-owner-url'),
    JETWAY_MIGRATE: 'true',
    JETWAY_TLS_CERTIFICATE_FILE: certificates.server.certFile,
    JETWAY_TLS_KEY_FILE: certificates.server.keyFile,
    JETWAY_CLIENT_CA_FILE: certificates.clientCaFile,
    JETWAY_LEDGER_ORIGIN: ledgerOrigin,
    JETWAY_LEDGER_KEY_FILE: secret('ledger.key'),
    JETWAY_CHECKPOINT_FILE: places.checkpointFile,
    JETWAY_MAC_KEY_FILE: secret('mac.key'),
    JETWAY_NHS_NUMBER_RANGES: 'test',
    JETWAY_CLIENT_CERTIFICATE_FILE: certificates.outbound.certFile,
    JETWAY_CLIENT_KEY_FILE: certificates.outbound.keyFile,
    JETWAY_SIGNING_KEY_FILE: certificates.signing.keyFile,
    JETWAY_ALLOW_PRIVATE_ENDPOINTS: 'true',
  };
  const inEffect = Object.entries(limits).map(
    ([name, value]) => [name, environment[name] || value] as const,
  );
  const lines = [...inEffect, ...Object.entries(own)].map(
    ([name, value]) => `${name}=${shellWord(value)}\n`,
  );
  writeOpenFile(places.environmentFile, lines.join(''));
  const none = { JETWAY_DATABASE_URL: undefined, JETWAY_DATABASE_OWNER_URL: undefined };
  return loadConfig({ ...limits, ...environment, ...none, ...own }, now);
}
