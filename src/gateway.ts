/**
 * The composition root: a configuration in, a running gateway out. Everything is made here, in the order
 * of dependence, and stopped in the reverse order.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defaultDoorLimits } from './api/door-limits.ts';
import { createExchangeDoor } from './api/exchange-door.ts';
import { createExchangeServer } from './api/exchange-server.ts';
import { createIdentitySchemes } from './clients/identity-schemes/identity-scheme-registry.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config/load-config.ts';
import { openDatabase } from './database/database.ts';
import { openDedicatedConnection } from './database/dedicated-connection.ts';
import { requireFitDatabase } from './database/fitness.ts';
import { listen } from './database/listen.ts';
import { migrate } from './database/migrate.ts';
import { dossierReader } from './exchange/dossier.ts';
import { housekeepingMs, tidy } from './exchange/housekeeping.ts';
import { standingReader } from './exchange/standing.ts';
import { CheckpointPublisher } from './ledger/checkpoint-publisher.ts';
import { Ledger } from './ledger/ledger.ts';
import { appendOnlyTables } from './ledger/ledger-store.ts';
import { ledgerTransactions } from './ledger/ledger-transactions.ts';
import { ensureFirstLog } from './ledger/log-store.ts';
import { RefusedConnections } from './ledger/refused-connections.ts';
import { startOperationsServer } from './operations/operations-server.ts';
import { RegisterWatch } from './participants/register-watch.ts';
import { loadKeyFile } from './pki/key-file.ts';
import { serverTlsOptions } from './pki/server-tls-options.ts';
import { loadSchemaRegistry } from './records/schema-registry.ts';
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

export async function startGateway(config: Config, options: GatewayOptions = {}): Promise<Gateway> {
  const clock = options.clock ?? systemClock;
  const telemetry = createTelemetry({
    level: config.logLevel,
    ...(options.logStream && { stream: options.logStream }),
  });
  const { observe } = telemetry;
  const undo: (() => unknown)[] = [];

  async function stop(): Promise<void> {
    const startedMs = clock.monotonicMs();
    for (const step of undo.splice(0).reverse()) await step();
    observe({ kind: 'gateway.stopped', durationMs: clock.monotonicMs() - startedMs });
    telemetry.flush();
  }

  try {
    const { url, ownerUrl } = config.database;
    if (config.database.migrate && ownerUrl) await migrate(ownerUrl);
    const database = openDatabase({ url, max: 8, applicationName: 'jetway' });
    undo.push(() => database.end());
    await requireFitDatabase(database, appendOnlyTables);

    const signer = {
      origin: config.ledger.origin,
      privateKey: loadKeyFile(config.ledger.keyFile).key,
    };
    await ensureFirstLog(database, { origin: signer.origin, at: clock.now() });
    const { checkpointFile } = config.ledger;
    const publisher = new CheckpointPublisher({ database, signer, checkpointFile, observe });
    await publisher.start();
    undo.push(async () => {
      await publisher.stop();
      await publisher.tick();
    });

    const connection = openDedicatedConnection({
      url,
      applicationName: 'jetway ledger',
      onConnect: (queryable) => publisher.requireContinuity(queryable),
    });
    undo.push(() => connection.end());
    const ledger = new Ledger(ledgerTransactions({ connection, clock, observe }), {
      maxBatch,
      maxWaiting: config.ledger.maxWaiting,
    });
    undo.push(() => ledger.close());
    const refusals = new RefusedConnections(ledger, clock);
    undo.push(() => refusals.flush());

    const watch = new RegisterWatch({
      queryable: database,
      clock,
      onChange: (register) => server.closeRefused(register),
      onStale() {
        observe({ kind: 'register.stale' });
        server.closeAll('the register cannot be read');
      },
    });
    const server = await createExchangeServer({
      config,
      clock,
      observe,
      watch,
      publisher,
      refusals,
      database,
      exchange: {
        ledger,
        readStanding: standingReader(),
        readDossiers: dossierReader(),
        schemas: loadSchemaRegistry(schemasDir),
        identitySchemes: createIdentitySchemes({
          ranges: config.identity.ranges,
          enabled: config.identity.schemes,
        }),
        clock,
        macKey: config.macKey,
        limits: {
          failedTracesPerHour: config.failedTraces.perHour,
          failedTracesPerNumberPerHour: config.failedTraces.perNumberPerHour,
        },
      },
    });
    return { stop } as never;
  } catch (error) {
    await stop();
    throw error;
  }
}
