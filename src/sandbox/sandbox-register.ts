/**
 * Enters the borough's participants and sharing agreements before the doors open, as an operator would: what
 * is there already is left alone, and every change is an entry of the ledger.
 */
import { createHash, createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { findAgreementVersions, insertAgreementVersion } from '../agreements/agreement-store.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/load-config.ts';
import { openDatabase } from '../database/database.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { ledgerEvent } from '../ledger/ledger-event.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import type { Register } from '../participants/register.ts';
import {
  insertAssertionKey,
  insertCertificate,
  loadRegister,
  upsertParticipant,
} from '../participants/register-store.ts';
import { loadKeyFile } from '../pki/key-file.ts';
import { type BoroughParticipant, boroughParticipants } from './borough.ts';
import { sandboxAgreements } from './sandbox-agreements.ts';
import { type PartnerCredential, partnerSystem } from './sandbox-certificates.ts';
import { writeOpenFile } from './sandbox-files.ts';

const limits = { maxBatch: 64, maxWaiting: 1_000 };

export async function enterBorough(
  config: Config,
  clock: Clock,
  partners: readonly PartnerCredential[],
  agreementsDir: string,
): Promise<void> {
  const { url } = config.database;
  const { origin, keyFile, checkpointFile } = config.ledger;
  const database = openDatabase({ url, max: 2 });
  try {
    const opened = await openLedger({
      ...{ database, url, clock, limits, checkpointFile },
      signer: { origin, privateKey: loadKeyFile(keyFile).key },
      observe: () => undefined,
    });
    try {
      const { ledger } = opened;
      const register = await loadRegister(database, 0);
      for (const participant of boroughParticipants) {
        const credential = partners.find(({ odsCode }) => odsCode === participant.odsCode);
        if (credential) await admit(ledger, register, participant, credential);
      }
      const held = new Set((await findAgreementVersions(database)).map(({ id }) => id));
      for (const document of sandboxAgreements) {
        const file = join(agreementsDir, `${document.id}.json`);
        if (!existsSync(file)) writeOpenFile(file, `${JSON.stringify(document, null, 2)}\n`);
        if (!held.has(document.id)) {
          const text = JSON.parse(readFileSync(file, 'utf8'));
          await ledger.write(async (tx, { at }) => {
            await insertAgreementVersion(tx, { document: text, version: 1, at: new Date(at) });
            return {
              events: [
                ledgerEvent({
                  action: 'agreement.applied',
                  outcome: 'done',
                  particulars: { agreement: document.id },
                }),
              ],
              answer: () => undefined,
            };
          });
        }
      }
    } finally {
      await opened.close();
    }
  } finally {
    await database.end();
  }
}

async function admit(
  ledger: Ledger,
  register: Register,
  participant: BoroughParticipant,
  { certificate, assertionKey }: PartnerCredential,
): Promise<void> {
  const { odsCode } = participant;
  const fingerprint256 = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  const publicKeyPem = createPublicKey(assertionKey)
    .export({ type: 'spki', format: 'pem' })
    .toString();
  const kid = `users-${createHash('sha256').update(publicKeyPem).digest('hex').slice(0, 8)}`;
  if (register.certificates.has(fingerprint256)) return;
  await ledger.write(async (tx, moment) => {
    const at = new Date(moment.at);
    await upsertParticipant(tx, { ...participant, at });
    await insertCertificate(tx, {
      fingerprint256,
      odsCode,
      system: partnerSystem,
      notAfter: certificate.validToDate,
      at,
    });
    await insertAssertionKey(tx, { odsCode, kid, algorithm: 'ES256', publicKeyPem, at });
    return {
      events: [
        ledgerEvent({
          action: 'participant.added',
          outcome: 'done',
          particulars: { operator: userInfo().username, odsCode },
        }),
      ],
      answer: () => undefined,
    };
  });
}
