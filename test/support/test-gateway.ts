/** A whole gateway for journeys: real configuration files, real PostgreSQL, real TLS, any free ports. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { insertAgreementVersion } from '../../src/agreements/agreement-store.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { openDatabase } from '../../src/database/database.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway.ts';
import { insertCertificate, upsertParticipant } from '../../src/participants/register-store.ts';
import { agreement, kinds } from './builders.ts';
import { checkAnswer } from './described-answers.ts';
import {
  type TestCredential,
  testAuthorities,
  testClient,
  testServer,
} from './test-certificates.ts';
import { type TestDatabase, testDatabase } from './test-database.ts';

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // journeys look into bodies freely
  body: Record<string, unknown>;
}

export interface CallOptions {
  headers?: Record<string, string>;
  body?: unknown;
}

export interface TestGateway extends Gateway, TestSettings {
  /** POST and PUT get an Idempotency-Key of their own. */
  call: ReturnType<typeof testClients>;
  /** Stops the gateway and starts it again on the same database and files. */
  restart(): Promise<void>;
}

type Method = 'GET' | 'POST' | 'PUT';
type Owner = Parameters<typeof testDatabase>[0];

export interface TestSettings {
  database: TestDatabase;
  /** What a gateway of this test is started with. */
  environment: Record<string, string>;
  ca: string;
  credentialOf(odsCode: string): TestCredential;
}

/** Files, certificates and a database with the participants of builders.ts and its agreement. */
export async function testSettings(
  t: Owner,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestSettings> {
  const database = await testDatabase(t);
  const folder = mkdtempSync(join(tmpdir(), 'jetway-gateway-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const { forServers, forClients } = testAuthorities();
  const server = testServer(forServers);
  const ledgerKey = generateKeyPairSync('ed25519').privateKey;
  const credentials = new Map(
    Object.keys(kinds).map((odsCode) => [odsCode, testClient(forClients, { odsCode })]),
  );
  await registerAll(database, credentials);
  return {
    database,
    ca: forServers.certificate.toString(),
    credentialOf(odsCode) {
      const credential = credentials.get(odsCode);
      if (!credential) throw new Error(`no credential for ${odsCode}`);
      return credential;
    },
    environment: {
      JETWAY_EXCHANGE_PORT: '0',
      JETWAY_OPERATIONS_PORT: '0',
      JETWAY_DATABASE_URL_FILE: file('database-url', database.gatewayUrl),
      JETWAY_TLS_CERTIFICATE_FILE: file('server.pem', server.cert),
      JETWAY_TLS_KEY_FILE: file('server.key', server.key),
      JETWAY_CLIENT_CA_FILE: file('clients.pem', forClients.certificate.toString()),
      JETWAY_LEDGER_ORIGIN: 'gateway.example/audit',
      JETWAY_LEDGER_KEY_FILE: file(
        'ledger.key',
        ledgerKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      ),
      JETWAY_CHECKPOINT_FILE: join(folder, 'checkpoint'),
      JETWAY_MAC_KEY_FILE: file('mac.key', randomBytes(32).toString('base64')),
      JETWAY_NHS_NUMBER_RANGES: 'test',
      JETWAY_LOG_LEVEL: 'error',
      ...settings,
    },
  };
}

/** Calls a gateway in the name of an organisation, over connections that end with the test. */
export function testClients(t: Owner, { ca, credentialOf }: TestSettings, url: () => string) {
  const agents = new Map<string, Agent>();
  t.teardown(() => Promise.all([...agents.values()].map((agent) => agent.destroy())));
  const agentOf = (odsCode: string) => {
    const { cert, key } = credentialOf(odsCode);
    const agent =
      agents.get(odsCode) ??
      new Agent({ connections: 8, pipelining: 1, connect: { ca, cert, key } });
    agents.set(odsCode, agent);
    return agent;
  };
  return async function call(
    odsCode: string,
    method: Method,
    path: string,
    { headers, body }: CallOptions = {},
  ): Promise<Reply> {
    const reply = await request(`${url()}${path}`, {
      method,
      dispatcher: agentOf(odsCode),
      headers: {
        ...(method !== 'GET' && { 'idempotency-key': randomUUID() }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await reply.body.text();
    checkAnswer(method, path, reply.statusCode, text);
    return {
      status: reply.statusCode,
      headers: reply.headers,
      body: text === '' ? {} : JSON.parse(text),
    };
  };
}

/** In this process. */
export async function startTestGateway(
  t: Owner,
  changes: Readonly<Record<string, string>> = {},
  options: GatewayOptions = {},
): Promise<TestGateway> {
  const settings = await testSettings(t, changes);
  const config = loadConfig(settings.environment);
  const silent = { logStream: { write: () => true }, ...options };
  let gateway = await startGateway(config, silent);
  const call = testClients(t, settings, () => gateway.exchangeUrl);
  t.teardown(() => gateway.stop());
  return {
    ...settings,
    get exchangeUrl() {
      return gateway.exchangeUrl;
    },
    get operationsUrl() {
      return gateway.operationsUrl;
    },
    logVerifierKey: gateway.logVerifierKey,
    telemetry: gateway.telemetry,
    stop: () => gateway.stop(),
    call,
    async restart() {
      await gateway.stop();
      gateway = await startGateway(config, silent);
    },
  };
}

async function registerAll(
  { gatewayUrl }: TestDatabase,
  credentials: ReadonlyMap<string, TestCredential>,
): Promise<void> {
  const database = openDatabase({ url: gatewayUrl, max: 1 });
  const at = new Date();
  for (const [odsCode, { certificate }] of credentials) {
    const kind = kinds[odsCode] ?? 'nhs-hospital';
    await upsertParticipant(database, { odsCode, name: `Organisation ${odsCode}`, kind, at });
    await insertCertificate(database, {
      fingerprint256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      odsCode,
      system: 'main',
      notAfter: certificate.validToDate,
      at,
    });
  }
  await insertAgreementVersion(database, { document: agreement(), version: 1, at });
  await database.end();
}
