/**
 * A borough to measure: PostgreSQL with fsync on, migrated and filled, and the certificates of a server,
 * the council and a health centre. It lies in a folder of its own below var/, on a real disk, which goes
 * when the benchmark ends.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.ts';
import { removeCluster } from '../../src/database/embedded/cluster-places.ts';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/database/embedded-postgres.ts';
import { migrate } from '../../src/database/migrate.ts';
import { centre, council } from '../../test/support/builders.ts';
import { type Certificates, issueCertificates, type Leaf } from './certificates.ts';
import { enterParties } from './enter-parties.ts';
import { ledgerOrigin, openLocalExchange } from './local-exchange.ts';
import { addPeople, borough, type KnownPerson, pulledBody } from './people.ts';

export interface Borough {
  dir: string;
  postgres: EmbeddedPostgres;
  /** PEM: what clients trust, what servers trust. */
  serverCa: string;
  clientCa: string;
  server: Leaf;
  council: Leaf;
  centre: Leaf;
  macKey: Buffer;
  certificates: Certificates;
  people: readonly KnownPerson[];
  /** The answer to a pull; empty where the people have no records. */
  body: string;
  /** The gateway's settings. */
  environment: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

const varDir = fileURLToPath(new URL('../../var', import.meta.url));

export interface BoroughContent {
  withRecords: boolean;
  /** Two hundred where it is left out. */
  people?: number;
}

export async function foundBorough(content: BoroughContent): Promise<Borough> {
  mkdirSync(varDir, { recursive: true, mode: 0o700 });
  const dir = mkdtempSync(join(varDir, 'bench-'));
  const dataDir = join(dir, 'postgres');
  const postgres = await startEmbeddedPostgres({ dataDir, settings: { max_connections: '60' } });
  const remove = async () => {
    await postgres.stop();
    removeCluster(dataDir);
    rmSync(dir, { recursive: true });
  };
  try {
    return { ...(await fill(dir, postgres, content)), dir, postgres, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function fill(
  dir: string,
  { ownerUrl, gatewayUrl }: EmbeddedPostgres,
  content: BoroughContent,
): Promise<Omit<Borough, 'dir' | 'postgres' | 'remove'>> {
  const at = systemClock.now();
  const certificates = issueCertificates(at);
  const { serverCa, clientCa } = certificates;
  const server = certificates.server('P-256');
  const ofCouncil = certificates.client(council, 'P-256');
  const ofCentre = certificates.client(centre, 'P-256');
  await migrate(ownerUrl);

  const macKey = randomBytes(32);
  const exchange = await openLocalExchange(gatewayUrl, macKey);
  const leaves = new Map([
    [council, ofCouncil],
    [centre, ofCentre],
  ]);
  await enterParties(exchange, borough, leaves);
  const fingerprints = { council: ofCouncil.fingerprint256, centre: ofCentre.fingerprint256 };
  const people = await addPeople(exchange, fingerprints, content);
  const client = people[0]?.ofCentre ?? '';
  const body = content.withRecords ? await pulledBody(exchange, client, fingerprints.centre) : '';
  await exchange.close();
  const environment = gatewayEnvironment(dir, gatewayUrl, { clientCa, server, macKey });
  return {
    serverCa,
    clientCa,
    server,
    council: ofCouncil,
    centre: ofCentre,
    macKey,
    certificates,
    people,
    body,
    environment,
  };
}

/** Everything on as in production, but for the bound on what one partner may ask in a minute. */
function gatewayEnvironment(
  dir: string,
  url: string,
  { clientCa, server, macKey }: Pick<Borough, 'clientCa' | 'server' | 'macKey'>,
): Readonly<Record<string, string>> {
  const file = (name: string, content: string | Buffer) => {
    const path = join(dir, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const ledgerKey = generateKeyPairSync('ed25519').privateKey;
  return {
    JETWAY_EXCHANGE_PORT: '0',
    JETWAY_OPERATIONS_PORT: '0',
    JETWAY_DATABASE_URL_FILE: file('database-url', url),
    JETWAY_TLS_CERTIFICATE_FILE: file('server.pem', server.cert),
    JETWAY_TLS_KEY_FILE: file('server.key', server.key),
    JETWAY_CLIENT_CA_FILE: file('client-ca.pem', clientCa),
    JETWAY_LEDGER_ORIGIN: ledgerOrigin,
    JETWAY_LEDGER_KEY_FILE: file(
      'ledger.key',
      String(ledgerKey.export({ type: 'pkcs8', format: 'pem' })),
    ),
    JETWAY_CHECKPOINT_FILE: join(dir, 'checkpoint'),
    JETWAY_MAC_KEY_FILE: file('mac.key', macKey.toString('base64')),
    JETWAY_NHS_NUMBER_RANGES: 'test',
    JETWAY_REQUESTS_PER_MINUTE: '10000000',
  };
}
