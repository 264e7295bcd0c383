/**
 * The sandbox as a whole: database, certificates, register, gateway, partners, people, in the order of
 * dependence. What it started it stops in the reverse order, however far it came.
 */
import { createWriteStream, readFileSync, rmSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/load-config.ts';
import type { Environment } from '../config/parse-settings.ts';
import { startEmbeddedPostgres } from '../database/embedded-postgres.ts';
import { migrate } from '../database/migrate.ts';
import { type Gateway, startGateway } from '../gateway.ts';
import { keepAgreementFiles } from './agreement-files.ts';
import { boroughParticipants, council, hospital } from './borough.ts';
import { loadBorough } from './load-borough.ts';
import { prepareCertificates, type SandboxCertificates } from './sandbox-certificates.ts';
import { type SandboxEndpoint, startSandboxEndpoint } from './sandbox-endpoint.ts';
import { writeOpenFile } from './sandbox-files.ts';
import { sandboxManifest } from './sandbox-manifest.ts';
import { type SandboxPartners, sandboxPartners } from './sandbox-partners.ts';
import { type SandboxPlaces, sandboxPlaces } from './sandbox-places.ts';
import { enterBorough } from './sandbox-register.ts';
import { loadSandboxConfig } from './sandbox-settings.ts';
import { type SyntheticPerson, syntheticPeople } from './synthetic-people.ts';

export interface SandboxOptions {
  environment: Environment;
  clock: Clock;
  /** Told once for each stage, as it begins. */
  onStage(stage: string): void;
}

export interface Sandbox {
  places: SandboxPlaces;
  config: Config;
  certificates: SandboxCertificates;
  gateway: Gateway;
  partners: SandboxPartners;
  endpoints: readonly SandboxEndpoint[];
  people: readonly SyntheticPerson[];
}

/**
 * Pushes onto `undo` what stops each part; the caller runs that backwards, also where this throws. Throws
 * what kept it from starting.
 */
export async function startSandbox(
  { environment, clock, onStage }: SandboxOptions,
  undo: (() => unknown)[],
): Promise<Sandbox> {
  const now = clock.now();
  const places = sandboxPlaces(environment['JETWAY_SANDBOX_DIR']);
  // First, since it tells whether another sandbox runs on the same data.
  onStage('PostgreSQL');
  const postgres = await startEmbeddedPostgres({ dataDir: places.databaseDir });
  undo.push(() => postgres.stop());
  // whoever waits for the manifest waits for this start, not for the one before
  rmSync(places.manifestFile, { force: true });
  onStage('certificates');
  const certificates = await prepareCertificates(places.certificatesDir, now);
  const config = await loadSandboxConfig(environment, places, certificates, postgres, now);
  onStage('hospital and council endpoints');
  const endpoints = await startEndpoints(certificates, clock, undo);
  await migrate(postgres.ownerUrl);
  const agreements = keepAgreementFiles(places.agreementsDir);
  const edited = agreements.flatMap(({ name, isEdited }) => (isEdited ? [name] : []));
  onStage(
    ['participants and sharing agreements', ...edited.map((name) => `${name} as edited`)].join(
      ', ',
    ),
  );
  await enterBorough(config, clock, {
    ...{ partners: certificates.partners, agreements },
    endpoints: endpoints.map(({ registration }) => registration),
  });
  onStage('gateway');
  const log = createWriteStream(places.logFile, { flags: 'a', mode: 0o600 });
  // a full disk takes the log away, not the sandbox
  log.on('error', () => undefined);
  undo.push(() => new Promise((resolve) => log.end(resolve)));
  const gateway = await startGateway(config, { clock, logStream: log });
  undo.push(() => gateway.stop());
  const partners = sandboxPartners(certificates, gateway.exchangeUrl);
  undo.push(() => partners.close());
  const people = syntheticPeople();
  onStage('people, records and consents');
  await loadBorough(partners, people, now.getTime());
  const manifest = sandboxManifest({
    ...{ root: places.root, gateway, people, caFile: certificates.caFile },
    ...{ clientCaFile: certificates.clientCaFile, endpoint: certificates.endpoint },
    signingKeyFile: certificates.signing.publicKeyFile,
    ...{ participants: boroughParticipants, partners: certificates.partners },
    endpoints: endpoints.map(({ odsCode, url }) => ({ odsCode, url })),
  });
  writeOpenFile(places.manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  return { places, config, certificates, gateway, partners, endpoints, people };
}

async function startEndpoints(
  { serverAuthority, clientCaFile, signing }: SandboxCertificates,
  clock: Clock,
  undo: (() => unknown)[],
): Promise<readonly SandboxEndpoint[]> {
  const clientAuthority = readFileSync(clientCaFile, 'utf8');
  const gatewayKey = signing.publicKey;
  const endpoints: SandboxEndpoint[] = [];
  for (const participant of boroughParticipants) {
    if (participant.odsCode !== hospital && participant.odsCode !== council.odsCode) continue;
    const endpoint = await startSandboxEndpoint({
      ...{ participant, serverAuthority, clientAuthority, gatewayKey, clock },
    });
    undo.push(() => endpoint.stop());
    endpoints.push(endpoint);
  }
  return endpoints;
}
