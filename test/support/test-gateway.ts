/** A whole gateway for journeys: real configuration files, real PostgreSQL, real TLS, any free ports. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { openDatabase } from '../../src/database/database.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway.ts';
import type { LedgerWitness } from '../../src/ledger/kept-continuity.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { logSigner } from '../../src/ledger/log-checkpoint.ts';
import { openLedger } from '../../src/ledger/open-ledger.ts';
import { agreement, kinds } from './builders.ts';
import { checkAnswer } from './described-answers.ts';
import { enterParticipants } from './enter-participants.ts';
import {
  type TestCredential,
  testAuthorities,
  testClient,
  testServer,
} from './test-certificates.ts';
import { type TestDatabase, testDatabase } from './test-database.ts';
import { schemas } from './test-exchange.ts';

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
  /** What operators' commands do. */
  administer(work: (ledger: Ledger) => Promise<unknown>): Promise<void>;
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
  const origin = 'gateway.example/audit';
  const checkpointFile = join(folder, 'checkpoint');
  const witness = { signer: logSigner(origin, ledgerKey), checkpointFile };
  const administering = (work: (ledger: Ledger) => Promise<unknown>) =>
    administer(database.gatewayUrl, witness, work);
  await administering((ledger) =>
    enterParticipants(ledger, {
      ...{ schemas, document: agreement() },
      certificateOf(odsCode) {
        const certificate = credentials.get(odsCode)?.certificate;
        if (!certificate) return undefined;
        const fingerprint256 = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
        return { fingerprint256, notAfter: certificate.validToDate, system: 'main' };
      },
    }),
  );
  return {
    database,
    administer: administering,
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
      JETWAY_LEDGER_ORIGIN: origin,
      JETWAY_LEDGER_KEY_FILE: file(
        'ledger.key',
        ledgerKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      ),
      JETWAY_CHECKPOINT_FILE: checkpointFile,
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

/** A ledger beside the gateway's, as an operator's command opens one. */
async function administer(
  url: string,
  witness: LedgerWitness,
  work: (ledger: Ledger) => Promise<unknown>,
): Promise<void> {
  const database = openDatabase({ url, max: 2 });
  const opened = await openLedger({
    ...{ ...witness, database, url, clock: systemClock, observe() {} },
    limits: { maxBatch: 64, maxWaiting: 64 },
  });
  await work(opened.ledger);
  await opened.close();
  await database.end();
}
