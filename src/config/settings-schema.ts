/**
 * Every setting of the gateway, once: name, meaning, default, limits (JSON Schema 2020-12). The loader, the
 * types and the table in the documentation all come from here. Defaults are the safest values that work.
 */
const port = { type: 'integer', minimum: 0, maximum: 65_535 } as const;
const path = { type: 'string', minLength: 1, maxLength: 4_096 } as const;
const host = { type: 'string', pattern: '^[A-Za-z0-9.:_-]{1,253}$' } as const;
const databaseUrl = {
  type: 'string',
  pattern: '^postgres(ql)?://[^ ]+$',
  maxLength: 2_048,
} as const;

export const settingDefinitions = {
  JETWAY_EXCHANGE_HOST: {
    ...host,
    default: '127.0.0.1',
    description: 'Address on which partners are received. `::` is every address.',
  },
  JETWAY_EXCHANGE_PORT: {
    ...port,
    default: 8443,
    description: 'Port of the exchange door; 0 takes any free one.',
  },
  JETWAY_ENROLMENT_PORT: {
    ...port,
    default: 8444,
    description: 'Port kept for the enrolment door, which this release does not serve.',
  },
  JETWAY_OPERATIONS_HOST: {
    ...host,
    default: '127.0.0.1',
    description:
      'Address of health and metrics: plain HTTP without any login, so never one that partners reach.',
  },
  JETWAY_OPERATIONS_PORT: {
    ...port,
    default: 9464,
    description: 'Port of health and metrics; 0 takes any free one.',
  },
  JETWAY_DATABASE_URL: {
    ...databaseUrl,
    description:
      'URL of the database (PostgreSQL 15 or newer) as the role of the gateway. Only without a password.',
  },
  JETWAY_DATABASE_URL_FILE: {
    ...path,
    description:
      'Secret file with the URL of the database as the role of the gateway, password included.',
  },
  JETWAY_DATABASE_OWNER_URL: {
    ...databaseUrl,
    description:
      'URL of the database as the role that owns its tables, for migrations. Only without a password.',
  },
  JETWAY_DATABASE_OWNER_URL_FILE: {
    ...path,
    description:
      'Secret file with the URL of the database as the role that owns its tables, password included.',
  },
  JETWAY_MIGRATE: {
    type: 'boolean',
    default: false,
    description:
      '`true` applies pending migrations at the start; otherwise the gateway refuses to start before them.',
  },
  JETWAY_TLS_CERTIFICATE_FILE: {
    ...path,
    description: 'Certificate of the exchange door with its chain, PEM.',
  },
  JETWAY_TLS_KEY_FILE: {
    ...path,
    description: 'Secret file: the private key of the exchange door’s certificate, PEM.',
  },
  JETWAY_CLIENT_CA_FILE: {
    ...path,
    description:
      'The authorities whose client certificates are accepted, PEM. Nothing else is trusted.',
  },
  JETWAY_TLS_MODE: {
    type: 'string',
    enum: ['intermediate', 'modern'],
    default: 'intermediate',
    description: '`intermediate` is TLS 1.3 and 1.2, `modern` is TLS 1.3 alone.',
  },
  JETWAY_GATEWAY_NAME: {
    type: 'string',
    pattern: '^[A-Za-z0-9][A-Za-z0-9.:/_-]{0,127}$',
    default: 'jetway',
    description: 'What partners write into the `aud` of a user assertion.',
  },
  JETWAY_LEDGER_ORIGIN: {
    type: 'string',
    pattern: '^[a-z0-9][a-z0-9.-]{0,126}(/[A-Za-z0-9._-]{1,64}){0,4}$',
    description:
      'Name of the audit log for good, a URL without its scheme: `gateway.example/audit`.',
  },
  JETWAY_LEDGER_KEY_FILE: {
    ...path,
    description: 'Secret file: Ed25519 private key that signs checkpoints, PEM.',
  },
  JETWAY_CHECKPOINT_FILE: {
    ...path,
    description: 'Where the last signed checkpoint is kept: outside the database and its backups.',
  },
  JETWAY_MAC_KEY_FILE: {
    ...path,
    description:
      'Secret file: at least 32 random bytes, raw or base64, for ETags, cursors and idempotency.',
  },
  JETWAY_NHS_NUMBER_RANGES: {
    type: 'string',
    enum: ['production', 'test'],
    default: 'production',
    description:
      '`test` accepts numbers that begin with 5 or 9, which are never given to anybody, and refuses those that may be real.',
  },
  JETWAY_IDENTITY_SCHEMES: {
    type: 'string',
    pattern:
      '^(nhs-number|chi-number|hc-number|local-id)(,(nhs-number|chi-number|hc-number|local-id)){0,3}$',
    default: 'nhs-number',
    description:
      'Identifiers that a trace may use: `nhs-number`, `chi-number`, `hc-number`, `local-id`, by commas.',
  },
  JETWAY_MAX_BODY_BYTES: {
    type: 'integer',
    minimum: 1_024,
    maximum: 16_777_216,
    default: 262_144,
    description: 'Longest request body.',
  },
  JETWAY_MAX_CONNECTIONS: {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    default: 2_000,
    description: 'Open connections at the exchange door.',
  },
  JETWAY_MAX_CONNECTIONS_PER_CERTIFICATE: {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    default: 200,
    description: 'Open connections of one certificate.',
  },
  JETWAY_MAX_WAITING: {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    default: 2_000,
    description: 'Requests that may wait for the ledger; more are answered 503.',
  },
  JETWAY_REQUESTS_PER_MINUTE: {
    type: 'integer',
    minimum: 0,
    maximum: 10_000_000,
    default: 60_000,
    description: 'Requests of one certificate a minute; 0 sets no limit.',
  },
  JETWAY_FAILED_TRACES_PER_HOUR: {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    default: 50,
    description:
      'Traces that find nobody, for one organisation, before it must wait. As many documents may not fit one person.',
  },
  JETWAY_FAILED_TRACES_PER_NUMBER_PER_HOUR: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000,
    default: 5,
    description:
      'Traces by one identifier that find nobody, before it must wait: nobody guesses a birth date.',
  },
  JETWAY_LOG_LEVEL: {
    type: 'string',
    enum: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    description: 'Least level that is logged.',
  },
  JETWAY_CLIENT_CERTIFICATE_FILE: {
    ...path,
    description:
      'Certificate with which the gateway calls partners’ endpoints, PEM. Without it nothing is pushed.',
  },
  JETWAY_CLIENT_KEY_FILE: {
    ...path,
    description:
      'Secret file: the private key of the certificate for calling endpoints, PEM. Needed for pushing.',
  },
  JETWAY_SIGNING_KEY_FILE: {
    ...path,
    description:
      'Secret file: Ed25519 private key that signs what is pushed (RFC 9421), PEM. Needed for pushing.',
  },
  JETWAY_ALLOW_PRIVATE_ENDPOINTS: {
    type: 'boolean',
    default: false,
    description:
      '`true` lets endpoints have private and loopback addresses, as in a closed network or a trial.',
  },
  JETWAY_CONNECTIONS_PER_ENDPOINT: {
    type: 'integer',
    minimum: 1,
    maximum: 64,
    default: 8,
    description: 'Connections of this node to one endpoint: as many deliveries at the same time.',
  },
  JETWAY_DELIVERY_DAYS: {
    type: 'integer',
    minimum: 1,
    maximum: 90,
    default: 5,
    description: 'Days after which what is not delivered is reported to its sender.',
  },
  JETWAY_SUPERSEDE_DELIVERIES: {
    type: 'boolean',
    default: true,
    description:
      'A newer version of a record takes the place of one that was not delivered yet; `false` delivers each.',
  },
  JETWAY_OPERATOR: {
    type: 'string',
    // letters of every alphabet, no control characters, and no space at either end
    pattern: "^[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N} .,:'’@_()/+-]{0,62}[\\p{L}\\p{M}\\p{N}.)])?$",
    maxLength: 64,
    description:
      "Who runs a command, as its ledger entry says it: 64 letters, digits, spaces and `.,:'@_()/+-` at most. Default: the account’s name, in a container everybody’s.",
  },
  JETWAY_SANDBOX_DIR: {
    ...path,
    description: 'Everything that the sandbox writes. Default: below the project.',
  },
} as const;

const requiredSettings = [
  'JETWAY_TLS_CERTIFICATE_FILE',
  'JETWAY_TLS_KEY_FILE',
  'JETWAY_CLIENT_CA_FILE',
  'JETWAY_LEDGER_ORIGIN',
  'JETWAY_LEDGER_KEY_FILE',
  'JETWAY_CHECKPOINT_FILE',
  'JETWAY_MAC_KEY_FILE',
] as const;

type Definitions = typeof settingDefinitions;
export type SettingName = keyof Definitions;
type ValueOf<Definition> = Definition extends { enum: readonly (infer Choice)[] }
  ? Choice
  : Definition extends { type: 'integer' }
    ? number
    : Definition extends { type: 'boolean' }
      ? boolean
      : string;
type Certain =
  | (typeof requiredSettings)[number]
  | {
      [Name in SettingName]: Definitions[Name] extends { default: unknown } ? Name : never;
    }[SettingName];

/** What a setting is once the defaults are filled in and the schema has been satisfied. */
export type Settings = { readonly [Name in Certain]: ValueOf<Definitions[Name]> } & {
  readonly [Name in Exclude<SettingName, Certain>]?: ValueOf<Definitions[Name]>;
};

export const settingsSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: settingDefinitions,
  required: requiredSettings,
} as const;
