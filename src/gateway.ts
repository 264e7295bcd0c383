/**
 * The composition root: a configuration in, a running gateway out. Everything is made here, in the order
 * of dependence, and stopped in the reverse order.
 */
import { fileURLToPath } from 'node:url';
import { defaultDoorLimits } from './api/door-limits.ts';
import { admission, openness } from './api/door-verdict.ts';
import { createExchangeDoor } from './api/exchange-door.ts';
import { createExchangeServer } from './api/exchange-server.ts';
import { bindOperations } from './api/operations.ts';
import { refusalReports } from './api/refusal-reports.ts';
import { waitingPlaces } from './api/waiting-places.ts';
import { createIdentitySchemes } from './clients/identity-schemes/identity-scheme-registry.ts';
import { type Clock, systemClock } from './clock.ts';
import { certificateEnds } from './config/certificate-ends.ts';
import type { Config } from './config/load-config.ts';
import { version } from './config/version.ts';
import { openDatabase } from './database/database.ts';
import { requireReachable } from './database/database-fault.ts';
import { requireFitDatabase } from './database/fitness.ts';
import { listen } from './database/listen.ts';
import { migrate } from './database/migrate.ts';
import { dossierReader } from './exchange/dossier.ts';
import { startHousekeeping } from './exchange/housekeeping.ts';
import { linkReader } from './exchange/known-links.ts';
import { standingReader } from './exchange/standing.ts';
import { StandingWatch } from './exchange/standing-watch.ts';
import { startDateSweeper } from './exchange/sweep-dates.ts';
import { recordUndelivered } from './exchange/undelivered.ts';
import { LedgerGrowth } from './ledger/ledger-growth.ts';
import { appendOnlyTables, getHead } from './ledger/ledger-store.ts';
import { logSigner } from './ledger/log-checkpoint.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { SummedRefusals } from './ledger/summed-refusals.ts';
import { tellCertificateEnds } from './operations/certificate-ends.ts';
import { checkpointCheck } from './operations/checkpoint-check.ts';
import { startOperationsServer } from './operations/operations-server.ts';
import { loadKeyFile } from './pki/key-file.ts';
import { readPemCertificates } from './pki/pem-certificates.ts';
import { serverTlsOptions } from './pki/server-tls-options.ts';
import { loadSchemaRegistry } from './records/schema-registry.ts';
import { signingKeyJson } from './relay/signing-key.ts';
import { type Relay, startRelay } from './relay/start-relay.ts';
import type { LogStream } from './telemetry/log.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';
import { formatVerifierKey, verifierKeyOf } from './tlog/verifier-key.ts';

export interface Gateway {
  /** For example `https://localhost:8443`; the port is the one that was taken. */
  exchangeUrl: string;
  operationsUrl: string;
  /** What auditors check checkpoints with (c2sp.org/signed-note). */
  logVerifierKey: string;
  telemetry: Telemetry;
  /** Takes no new work, finishes what is under way, closes. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  clock?: Clock;
  /** Where log lines go; standard output by default. */
  logStream?: LogStream;
}

const schemasDir = fileURLToPath(new URL('../schemas', import.meta.url));
const maxBatch = 256;
/** Beyond what may wait for the ledger: requests that are being read or answered. */
const inFlightBesideLedger = 500;
const searchLimitMs = 5_000;
const dayMs = 86_400_000;

/** Throws what keeps it from starting; nothing is left running then. */
export async function startGateway(config: Config, options: GatewayOptions = {}): Promise<Gateway> {
  const clock = options.clock ?? systemClock;
  const { logStream } = options;
  const telemetry = createTelemetry({
    level: config.logLevel,
    ...(logStream && { stream: logStream }),
  });
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...(await assemble(config, clock, telemetry, undo)), telemetry, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  config: Config,
  clock: Clock,
  { observe, addLevels, metricsText }: Telemetry,
  undo: (() => unknown)[],
): Promise<Pick<Gateway, 'exchangeUrl' | 'operationsUrl' | 'logVerifierKey'>> {
  tellCertificateEnds(certificateEnds(config, clock.now()), { clock, observe });
  const { url, ownerUrl, urlSetting, ownerUrlSetting } = config.database;
  if (config.database.migrate && ownerUrl) {
    await requireReachable({ url: ownerUrl, setting: ownerUrlSetting });
    await migrate(ownerUrl);
  }
  await requireReachable({ url, setting: urlSetting });
  const database = openDatabase({ url, max: 8 });
  undo.push(() => database.end());
  await requireFitDatabase(database, appendOnlyTables);

  const { origin, keyFile, checkpointFile, maxWaiting } = config.ledger;
  const signer = logSigner(origin, loadKeyFile(keyFile).key);
  const limits = { maxBatch, maxWaiting };
  const growth = new LedgerGrowth();
  const opened = await openLedger({
    database,
    url,
    signer,
    checkpointFile,
    limits,
    clock,
    observe,
    growth,
  });
  const { ledger, publisher } = opened;
  undo.push(() => opened.close());

  const refusals = new SummedRefusals(ledger, clock);
  undo.push(() => refusals.flush());
  const watch = new StandingWatch({
    queryable: database,
    clock,
    onChange: () => door.closeSockets((peer) => admission(watch, peer).kind === 'refused'),
    onStale() {
      observe({ kind: 'register.stale' });
      door.closeAll('the register cannot be read');
    },
    onHead: (head) => growth.note(head),
  });
  const reports = refusalReports({
    observe,
    refusals,
    holderOf: (fingerprint256) => watch.current?.register.certificates.get(fingerprint256)?.odsCode,
  });
  const door = createExchangeDoor({
    tls: serverTlsOptions({
      mode: config.tls.mode,
      certificate: readPemCertificates(config.tls.certificateFile),
      privateKey: loadKeyFile(config.tls.keyFile).pem,
      clientAuthorities: [readPemCertificates(config.tls.clientCaFile)],
    }),
    limits: {
      ...defaultDoorLimits,
      maxConnections: config.exchange.maxConnections,
      maxConnectionsPerCertificate: config.exchange.maxConnectionsPerCertificate,
    },
    clock,
    admit: (certificate) => admission(watch, certificate),
    isOpen: () => openness(watch, publisher),
    ...reports,
  });
  addLevels({
    connections: () => door.connectionCount(),
    waiting: () => ledger.waiting,
    isOpen: () => openness(watch, publisher).open,
  });
  await watch.start();
  undo.push(() => watch.stop());
  const hint = listen({
    url,
    channel: 'jetway_register',
    onNotification: () => void watch.look(),
    onListening: () => void watch.look(),
  });
  undo.push(() => hint.end());

  // of its own, so that long searches of auditors keep nobody else waiting for a connection
  const search = openDatabase({
    ...{ url, max: 2, applicationName: 'jetway search' },
    statementTimeoutMs: searchLimitMs,
  });
  undo.push(() => search.end());
  const feeds = openDatabase({
    ...{ url, max: 4, applicationName: 'jetway feeds' },
    statementTimeoutMs: searchLimitMs,
  });
  undo.push(() => feeds.end());
  const schemas = loadSchemaRegistry(schemasDir);
  const exchange = {
    ledger,
    database: search,
    feeds: { database: feeds, growth },
    readStanding: standingReader(),
    readLinks: linkReader(),
    readDossiers: dossierReader(),
    schemas,
    identitySchemes: createIdentitySchemes({
      ranges: config.identity.ranges,
      enabled: config.identity.schemes,
    }),
    clock,
    writeRefusals: () => refusals.flush(),
    macKey: config.macKey,
    deliveries: {
      lifeMs: config.deliveries.days * dayMs,
      supersede: config.deliveries.supersede,
      onEnqueued: () => relay.wake(),
    },
    limits: {
      failedTracesPerHour: config.failedTraces.perHour,
      failedTracesPerNumberPerHour: config.failedTraces.perNumberPerHour,
    },
  };
  const unexpected = (error: unknown) => observe({ kind: 'error.unexpected', error });
  const relay: Relay = startRelay(config, {
    ...{ exchange, observe },
    register: () => (openness(watch, publisher).open ? watch.current?.register : undefined),
  });
  undo.push(() => relay.stop());
  const server = await createExchangeServer({
    door,
    clock,
    observe,
    standing: async () => watch.require(),
    gateway: { name: config.gatewayName, version },
    operations: bindOperations(exchange),
    waiting: waitingPlaces(),
    macKey: config.macKey,
    schemas,
    identitySchemes: exchange.identitySchemes,
    signingKeys: relay.publicKey ? [signingKeyJson(relay.publicKey)] : [],
    onRequestRefused: reports.onRequestRefused,
    onNotDelivered(pulled) {
      recordUndelivered(exchange, pulled).catch(unexpected);
    },
    limits: {
      maxBodyBytes: config.exchange.maxBodyBytes,
      maxInFlight: maxWaiting + inFlightBesideLedger,
      requestsPerMinute: config.exchange.requestsPerMinute,
    },
  });
  const housekeeping = startHousekeeping(database, clock, unexpected);
  undo.push(() => housekeeping.stop());
  const sweeper = startDateSweeper({ ...exchange, database }, unexpected);
  undo.push(() => sweeper.stop());

  const operations = await startOperationsServer({
    host: config.operations.host,
    port: config.operations.port,
    metricsText,
    checks: async () => ({
      database: await getHead(database).then(() => 'ok'),
      ledger: publisher.continuity.extends ? 'ok' : 'does not extend the last checkpoint',
      checkpoint: checkpointCheck(publisher),
      register: watch.current ? 'ok' : 'cannot be read',
    }),
  });
  undo.push(() => operations.close());

  undo.push(() => server.close());
  // first of all: the server closes when its last answer has left, and who waits would keep it
  undo.push(() => growth.end());
  const { host, port } = config.exchange;
  const address = new URL(await server.listen({ host, port }));
  const exchangeUrl = `https://localhost:${address.port}`;
  const logVerifierKey = formatVerifierKey(verifierKeyOf(origin, signer.privateKey));
  observe({
    ...{ kind: 'gateway.started', exchange: exchangeUrl, operations: operations.url },
    ...{ version, logVerifierKey },
  });
  return { exchangeUrl, operationsUrl: operations.url, logVerifierKey };
}
