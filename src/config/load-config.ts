/** From the environment to one frozen object, or to every fault at once. The only loader of the project. */
import { ConfigurationError } from './configuration-error.ts';
import { credentialFaults } from './credential-faults.ts';
import { type Environment, parseSettings } from './parse-settings.ts';
import { fileFaults, readMacKey, readTextFile } from './setting-files.ts';
import type { Settings } from './settings-schema.ts';

export interface Config {
  /** The effective settings by name, for showing (describe-config.ts). */
  readonly settings: Settings;
  readonly gatewayName: string;
  readonly logLevel: Settings['JETWAY_LOG_LEVEL'];
  readonly sandboxDir: string | undefined;
  /** Undefined: whose account it is. */
  readonly operator: string | undefined;
  readonly exchange: {
    readonly host: string;
    readonly port: number;
    readonly maxBodyBytes: number;
    readonly maxConnections: number;
    readonly maxConnectionsPerCertificate: number;
    /** 0: no limit. */
    readonly requestsPerMinute: number;
  };
  readonly enrolment: { readonly port: number };
  readonly operations: { readonly host: string; readonly port: number };
  readonly tls: {
    readonly certificateFile: string;
    readonly keyFile: string;
    readonly clientCaFile: string;
    readonly mode: Settings['JETWAY_TLS_MODE'];
  };
  readonly database: {
    /** Holds a password. */
    readonly url: string;
    /** Holds a password. Undefined where this process does not migrate. */
    readonly ownerUrl: string | undefined;
    readonly migrate: boolean;
    /** The settings that the two come from. */
    readonly urlSetting: string;
    readonly ownerUrlSetting: string;
  };
  readonly ledger: {
    readonly origin: string;
    readonly keyFile: string;
    readonly checkpointFile: string;
    readonly maxWaiting: number;
  };
  /** At least 32 bytes. */
  readonly macKey: Buffer;
  readonly identity: {
    readonly ranges: Settings['JETWAY_NHS_NUMBER_RANGES'];
    readonly schemes: readonly string[];
  };
  readonly deliveries: { readonly days: number; readonly supersede: boolean };
  /** Undefined where nothing is pushed. */
  readonly push:
    | {
        readonly certificateFile: string;
        readonly keyFile: string;
        readonly signingKeyFile: string;
        readonly allowsPrivateAddresses: boolean;
        readonly connectionsPerEndpoint: number;
      }
    | undefined;
  readonly failedTraces: { readonly perHour: number; readonly perNumberPerHour: number };
}

export type UrlSetting = 'JETWAY_DATABASE_URL' | 'JETWAY_DATABASE_OWNER_URL';
type UrlSettings = Readonly<Partial<Record<UrlSetting, string | undefined>>>;

/**
 * Reads the files that the settings name. `servingAt` is for whoever serves with them: a certificate that is not in
 * its dates then is a fault, and keeps no operator from the ledger. Throws a ConfigurationError with all faults.
 */
export function loadConfig(environment: Environment, servingAt?: Date): Config {
  const { settings, faults } = parseSettings(environment);
  const unreadable = fileFaults(environment);
  const readable = { ...environment };
  for (const { setting } of unreadable) delete readable[setting];
  const all = [...faults, ...unreadable, ...credentialFaults(readable, servingAt)];
  if (settings === undefined || all.length > 0) throw new ConfigurationError(all);
  return frozen(configOf(settings));
}

/** Which of the two has been set: the URL itself, or the file with it. */
export function urlSettingOf(setting: UrlSetting, settings: UrlSettings): string {
  return settings[setting] ? setting : `${setting}_FILE`;
}

/** parseSettings has made sure that at most one of the two is set. */
function urlOf(url: string | undefined, file: string | undefined): string | undefined {
  return url ?? (file === undefined ? undefined : readTextFile(file));
}

function configOf(settings: Settings): Config {
  return {
    settings,
    gatewayName: settings.JETWAY_GATEWAY_NAME,
    logLevel: settings.JETWAY_LOG_LEVEL,
    sandboxDir: settings.JETWAY_SANDBOX_DIR,
    operator: settings.JETWAY_OPERATOR,
    exchange: {
      host: settings.JETWAY_EXCHANGE_HOST,
      port: settings.JETWAY_EXCHANGE_PORT,
      maxBodyBytes: settings.JETWAY_MAX_BODY_BYTES,
      maxConnections: settings.JETWAY_MAX_CONNECTIONS,
      maxConnectionsPerCertificate: settings.JETWAY_MAX_CONNECTIONS_PER_CERTIFICATE,
      requestsPerMinute: settings.JETWAY_REQUESTS_PER_MINUTE,
    },
    enrolment: { port: settings.JETWAY_ENROLMENT_PORT },
    operations: { host: settings.JETWAY_OPERATIONS_HOST, port: settings.JETWAY_OPERATIONS_PORT },
    tls: {
      certificateFile: settings.JETWAY_TLS_CERTIFICATE_FILE,
      keyFile: settings.JETWAY_TLS_KEY_FILE,
      clientCaFile: settings.JETWAY_CLIENT_CA_FILE,
      mode: settings.JETWAY_TLS_MODE,
    },
    database: {
      url: urlOf(settings.JETWAY_DATABASE_URL, settings.JETWAY_DATABASE_URL_FILE) ?? '',
      ownerUrl: urlOf(settings.JETWAY_DATABASE_OWNER_URL, settings.JETWAY_DATABASE_OWNER_URL_FILE),
      migrate: settings.JETWAY_MIGRATE,
      urlSetting: urlSettingOf('JETWAY_DATABASE_URL', settings),
      ownerUrlSetting: urlSettingOf('JETWAY_DATABASE_OWNER_URL', settings),
    },
    ledger: {
      origin: settings.JETWAY_LEDGER_ORIGIN,
      keyFile: settings.JETWAY_LEDGER_KEY_FILE,
      checkpointFile: settings.JETWAY_CHECKPOINT_FILE,
      maxWaiting: settings.JETWAY_MAX_WAITING,
    },
    macKey: readMacKey(settings.JETWAY_MAC_KEY_FILE),
    identity: {
      ranges: settings.JETWAY_NHS_NUMBER_RANGES,
      schemes: settings.JETWAY_IDENTITY_SCHEMES.split(','),
    },
    deliveries: {
      days: settings.JETWAY_DELIVERY_DAYS,
      supersede: settings.JETWAY_SUPERSEDE_DELIVERIES,
    },
    push: pushOf(settings),
    failedTraces: {
      perHour: settings.JETWAY_FAILED_TRACES_PER_HOUR,
      perNumberPerHour: settings.JETWAY_FAILED_TRACES_PER_NUMBER_PER_HOUR,
    },
  };
}

/** parseSettings has made sure that all three are set, or none. */
function pushOf(settings: Settings): Config['push'] {
  const {
    JETWAY_CLIENT_CERTIFICATE_FILE: certificateFile,
    JETWAY_CLIENT_KEY_FILE: keyFile,
    JETWAY_SIGNING_KEY_FILE: signingKeyFile,
  } = settings;
  if (certificateFile === undefined || keyFile === undefined || signingKeyFile === undefined) {
    return undefined;
  }
  return {
    ...{ certificateFile, keyFile, signingKeyFile },
    allowsPrivateAddresses: settings.JETWAY_ALLOW_PRIVATE_ENDPOINTS,
    connectionsPerEndpoint: settings.JETWAY_CONNECTIONS_PER_ENDPOINT,
  };
}

/** All the way down, but for bytes, which cannot be frozen. */
function frozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null && !Buffer.isBuffer(member)) frozen(member);
  }
  return Object.freeze(value);
}
