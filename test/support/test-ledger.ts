/**
 * A ledger on a real database: as the gateway's own role, with a checkpoint file and a clock that the test
 * turns. `owner` is the superuser who tampers.
 */

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../src/clock.ts';
import { type Database, openDatabase } from '../../src/database/database.ts';
import { openDedicatedConnection } from '../../src/database/dedicated-connection.ts';
import {
  type CheckpointObservation,
  CheckpointPublisher,
} from '../../src/ledger/checkpoint-publisher.ts';
import type { LedgerWitness } from '../../src/ledger/kept-continuity.ts';
import { Ledger, type LedgerLimits } from '../../src/ledger/ledger.ts';
import { type LedgerEvent, ledgerEvent } from '../../src/ledger/ledger-event.ts';
import {
  type LedgerObservation,
  ledgerTransactions,
} from '../../src/ledger/ledger-transactions.ts';
import { logSigner } from '../../src/ledger/log-checkpoint.ts';
import { ensureFirstLog } from '../../src/ledger/log-store.ts';
import { type Recovery, recoverLedger } from '../../src/ledger/recover-ledger.ts';
import type { LedgerEvidence } from '../../src/ledger/verification/verify-ledger.ts';
import type { TestDatabase } from './test-database.ts';

interface Owner {
  teardown(undo: () => unknown): unknown;
}

export const ledgerKey = generateKeyPairSync('ed25519').privateKey;
const origin = 'gateway.example/audit';
const start = Date.parse('2026-11-20T09:00:00Z');
let count = 0;

/** Turned by hand. */
export class TestClock implements Clock {
  ms = start;

  now(): Date {
    return new Date(this.ms);
  }

  monotonicMs(): number {
    return this.ms;
  }
}

export interface TestLedger {
  url: string;
  database: Database;
  owner: Database;
  clock: TestClock;
  witness: LedgerWitness;
  /** The same, as far as verifying takes it. */
  evidence: LedgerEvidence;
  observed: LedgerObservation[];
  /** A node's ledger; each has a connection of its own. */
  ledger: Ledger;
  newLedger(options?: Partial<LedgerLimits & { url: string }>): Ledger;
  newPublisher(checkpointFile?: string): {
    publisher: CheckpointPublisher;
    observed: CheckpointObservation[];
  };
  /** Writes one transaction of so many events. */
  append(count: number): Promise<number>;
}

export function disclosure(parts: Partial<LedgerEvent> = {}): LedgerEvent {
  return ledgerEvent({
    action: 'record.disclosed',
    outcome: 'permitted',
    organisation: 'X81001',
    recordType: 'social-care-summary',
    person: '0193a0de-0000-7000-8000-000000000001',
    purpose: 'TREAT',
    reasonCodes: ['EXPLICIT_CONSENT'],
    ...parts,
  });
}

/** A database of its own, so that one test may ruin it. */
export async function testLedger(t: Owner, { postgres }: TestDatabase): Promise<TestLedger> {
  count += 1;
  const urls = await postgres.createDatabase(`ledger_${count}`, 'jetway');
  const database = openDatabase({ url: urls.gatewayUrl });
  const owner = openDatabase({ url: urls.ownerUrl });
  const clock = new TestClock();
  const folder = mkdtempSync(join(tmpdir(), 'jetway-checkpoint-'));
  const witness: LedgerWitness = {
    signer: logSigner(origin, ledgerKey),
    checkpointFile: join(folder, 'checkpoint'),
  };
  const observed: LedgerObservation[] = [];
  const closers: (() => Promise<void>)[] = [];

  function newLedger(options: Partial<LedgerLimits & { url: string }> = {}): Ledger {
    const connection = openDedicatedConnection({
      url: options.url ?? urls.gatewayUrl,
      applicationName: 'jetway test ledger',
    });
    const observe = (observation: LedgerObservation) => observed.push(observation);
    const ledger = new Ledger(ledgerTransactions({ connection, clock, observe }), {
      maxBatch: options.maxBatch ?? 256,
      maxWaiting: options.maxWaiting ?? 1_000,
      ...(options.maxWriters !== undefined && { maxWriters: options.maxWriters }),
    });
    closers.push(async () => {
      await ledger.close();
      await connection.end();
    });
    return ledger;
  }

  const ledger = newLedger();
  await ensureFirstLog(database, { origin, at: clock.now() });
  t.teardown(async () => {
    await Promise.all(closers.map((close) => close()));
    await Promise.all([database.end(), owner.end()]);
    rmSync(folder, { recursive: true });
  });
  return {
    url: urls.gatewayUrl,
    database,
    owner,
    clock,
    witness,
    evidence: { verifier: witness.signer, checkpointFile: witness.checkpointFile, clock },
    observed,
    ledger,
    newLedger,
    newPublisher(checkpointFile = witness.checkpointFile) {
      const events: CheckpointObservation[] = [];
      const observe = (observation: CheckpointObservation) => events.push(observation);
      const publisher = new CheckpointPublisher({
        ...{ ...witness, checkpointFile },
        ...{ database, clock, observe },
      });
      return { publisher, observed: events };
    },
    append(number) {
      return ledger.write(async () => ({
        events: Array.from({ length: number }, () => disclosure()),
        answer: (index) => index,
      }));
    },
  };
}

export function recover({ database, clock, witness }: TestLedger): Promise<Recovery> {
  return recoverLedger({ database, clock, ...witness, operator: 'morgan' });
}

/** A node that starts now: it knows nothing but the database and the file. */
export async function startNode(node: TestLedger, file?: string) {
  const { publisher, observed } = node.newPublisher(file);
  await publisher.tick();
  return { publisher, observed, ...publisher.continuity };
}
