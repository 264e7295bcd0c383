/** A whole gateway for journeys: real configuration files, real PostgreSQL, real TLS, any free ports. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { insertAgreementVersion } from '../../src/agreements/agreement-store.ts';
import { type Config, loadConfig } from '../../src/config/load-config.ts';
import type { OrgType } from '../../src/consent/decision.ts';
import { openDatabase } from '../../src/database/database.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../../src/gateway.ts';
import { insertCertificate, upsertParticipant } from '../../src/participants/register-store.ts';
import { agreement, auditor, benefits, centre, council, otherCentre } from './builders.ts';
import {
  type TestCredential,
  testAuthorities,
  testClient,
  testServer,
} from './test-certificates.ts';
import { type TestDatabase, testDatabase } from './test-database.ts';

const kinds: Readonly<Record<string, OrgType>> = {
  [council]: 'la-social-care',
  [benefits]: 'la-housing-benefit',
  [centre]: 'nhs-health-centre',
  [otherCentre]: 'nhs-health-centre',
  [auditor]: 'auditor',
};

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

export interface TestGateway extends Gateway {
  config: Config;
  database: TestDatabase;
  ca: string;
  credentialOf(odsCode: string): TestCredential;
  /** Speaks as the organisation; kept alive between calls, and ended with the test. */
  agentOf(odsCode: string, connections?: number): Agent;
  /** POST and PUT get an Idempotency-Key of their own. */
  call(odsCode: string, method: string, path: string, options?: CallOptions): Promise<Reply>;
  /** Stops the gateway and starts it again on the same database and files. */
  restart(): Promise<void>;
}

type Owner = Parameters<typeof testDatabase>[0];

/** Registered: the participants of builders.ts, and its agreement. */
export async function startTestGateway(
  t: Owner,
  settings: Readonly<Record<string, string>> = {},
  options: GatewayOptions = {},
): Promise<TestGateway> {
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
  const config = loadConfig({
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
  });
  const credentials = new Map(
    Object.keys(kinds).map((odsCode) => [odsCode, testClient(forClients, { odsCode })]),
  );
  const credentialOf = (odsCode: string) => {
    const credential = credentials.get(odsCode);
    if (!credential) throw new Error(`no credential for ${odsCode}`);
    return credential;
  };
  await registerAll(database, credentials);

  const silent = { logStream: { write: () => true }, ...options };
  let gateway = await startGateway(config, silent);
  const agents = new Map<string, Agent>();
  const ca = forServers.certificate.toString();
  const newAgent = (odsCode: string, connections: number) => {
    const { cert, key } = credentialOf(odsCode);
    return new Agent({ connections, pipelining: 1, connect: { ca, cert, key } });
  };
  const agentOf = (odsCode: string, connections = 4) => {
    const name = `${odsCode} ${connections}`;
    const agent = agents.get(name) ?? newAgent(odsCode, connections);
    agents.set(name, agent);
    return agent;
  };
  t.teardown(async () => {
    await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    await gateway.stop();
  });

  return {
    get exchangeUrl() {
      return gateway.exchangeUrl;
    },
    get operationsUrl() {
      return gateway.operationsUrl;
    },
    logVerifierKey: gateway.logVerifierKey,
    telemetry: gateway.telemetry,
    stop: () => gateway.stop(),
    config,
    database,
    ca,
    credentialOf,
    agentOf,
    async call(odsCode, method, path, { headers, body } = {}) {
      const reply = await request(`${gateway.exchangeUrl}${path}`, {
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
      return {
        status: reply.statusCode,
        headers: reply.headers,
        body: text === '' ? {} : JSON.parse(text),
      };
    },
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
