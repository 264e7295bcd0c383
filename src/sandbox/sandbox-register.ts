/**
 * Enters the borough's participants, sharing agreements and endpoints before the doors open, as an operator would:
 * what is there already is left alone, and every change is an entry of the ledger. A certificate that somebody
 * revoked stays revoked; an endpoint has another port at every start, so it is set anew.
 */
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAgreementDocument } from '../agreements/agreement-document.ts';
import { rollOutAgreement } from '../agreements/roll-out-agreement.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/load-config.ts';
import { openDatabase } from '../database/database.ts';
import { type Fault, GatewayError } from '../errors/gateway-error.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { logSigner } from '../ledger/log-checkpoint.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { admitParticipant } from '../participants/admit-participant.ts';
import type { Endpoint } from '../participants/endpoint.ts';
import { setEndpoint } from '../participants/set-endpoint.ts';
import { loadKeyFile } from '../pki/key-file.ts';
import { loadSchemaRegistry } from '../records/schema-registry.ts';
import type { AgreementFile } from './agreement-files.ts';
import { type BoroughParticipant, boroughParticipants } from './borough.ts';
import { type PartnerCredential, partnerSystem } from './sandbox-certificates.ts';
import { asTyped } from './sandbox-places.ts';

/** Who the ledger says did it. */
const operator = 'sandbox';
const limits = { maxBatch: 64, maxWaiting: 1_000 };
const schemasDir = fileURLToPath(new URL('../../schemas', import.meta.url));

export interface BoroughEntries {
  partners: readonly PartnerCredential[];
  agreements: readonly AgreementFile[];
  endpoints: readonly Endpoint[];
}

/** Requires a migrated database and no gateway on it. */
export async function enterBorough(
  config: Config,
  clock: Clock,
  { partners, agreements, endpoints }: BoroughEntries,
): Promise<void> {
  const { url } = config.database;
  const { origin, keyFile, checkpointFile } = config.ledger;
  const database = openDatabase({ url, max: 2 });
  try {
    const opened = await openLedger({
      ...{ database, url, clock, limits, checkpointFile },
      signer: logSigner(origin, loadKeyFile(keyFile).key),
      observe: () => undefined,
    });
    try {
      for (const participant of boroughParticipants) {
        const partner = partners.find(({ odsCode }) => odsCode === participant.odsCode);
        if (partner) await admit(opened.ledger, participant, partner);
      }
      await applyAgreements(opened.ledger, agreements);
      for (const endpoint of endpoints) await setEndpoint(opened.ledger, endpoint, operator);
    } finally {
      await opened.close();
    }
  } finally {
    await database.end();
  }
}

async function admit(
  ledger: Ledger,
  participant: BoroughParticipant,
  { certificate, assertionKey }: PartnerCredential,
): Promise<void> {
  const publicKey = createPublicKey(assertionKey);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  // another key gets another id, so that a new set of files can join an old database
  const kid = `users-${createHash('sha256').update(der).digest('hex').slice(0, 8)}`;
  await admitParticipant(
    ledger,
    {
      ...participant,
      certificate: {
        fingerprint256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
        notAfter: certificate.validToDate,
        system: partnerSystem,
      },
      assertionKey: { kid, algorithm: 'ES256', publicKey },
    },
    operator,
  );
}

async function applyAgreements(ledger: Ledger, files: readonly AgreementFile[]): Promise<void> {
  const schemas = loadSchemaRegistry(schemasDir);
  for (const { path } of files) {
    const document = readAgreement(path);
    const { plan } = await rollOutAgreement(ledger, { document, schemas, operator });
    if (plan.kind === 'refused') throw unusable(path, plan.faults);
  }
}

function readAgreement(file: string) {
  try {
    return parseAgreementDocument(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    throw unusable(file, error.errors ?? [{ pointer: '', rule: 'json', detail: 'must be JSON' }]);
  }
}

function unusable(file: string, faults: readonly Fault[]): Error {
  const lines = faults.map(({ pointer, detail }) => `\n  ${pointer || '/'} ${detail}`);
  return new Error(`${asTyped(file)} cannot be applied; mend it or remove it:${lines.join('')}`);
}
