/**
 * Everything that the ledger holds, recomputed from its bytes: what `jetway ledger verify` and an auditor
 * on the spot run. Reads one snapshot, so a ledger in use can be verified too. It needs what the
 * gateway has: payloads and their keys.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/database.ts';
import type { Queryable } from '../../database/queryable.ts';
import type { LogVerifier } from '../log-checkpoint.ts';
import { originOf } from '../log-origin.ts';
import { findLogs } from '../log-store.ts';
import { findTree } from '../tree-store.ts';
import type { EventFollower } from './event-follower.ts';
import { createFindings, EnoughFindings, type Finding, type Findings } from './findings.ts';
import { type KeptCheckpoint, readKept, verifyPublished } from './kept-checkpoint.ts';
import { readOrFind } from './read-or-find.ts';
import { declaredLoss, sizeOver, verifyOpening } from './succeeded-logs.ts';
import { findNamelessLogs, freezeSnapshot } from './verification-store.ts';
import { verifyHead } from './verify-head.ts';
import { type VerifiedLog, verifyLog } from './verify-log.ts';

/** What the database is held against. */
export interface LedgerEvidence {
  verifier: LogVerifier;
  /** Path of a checkpoint that is kept outside; without one, entries missing at the end cannot show. */
  checkpointFile: string | undefined;
  /** Of whoever verifies: it tells a time that has not come yet. */
  clock: Pick<Clock, 'now'>;
}

/** What entries say they wrote outside the ledger: followed with the logs, and then held against what is stored. */
export interface StateVerification {
  followers: readonly EventFollower[];
  /**
   * Both ways, in the snapshot in which these logs were verified and followed. Gives the tables that this login may not
   * read: then nothing is compared.
   */
  compare(tx: Queryable, logs: readonly number[], findings: Findings): Promise<readonly string[]>;
}

export type StateVerifier = () => StateVerification;

export interface LedgerVerification {
  /** Empty where all is well. */
  findings: readonly Finding[];
  /** False where it was given up: after 100 findings, or at something beyond which it could not read. */
  isComplete: boolean;
  /** Whether a checkpoint from outside the database was there to compare with. */
  isWitnessed: boolean;
  /** Whether what was written was compared with its entries: only where the ledger itself verifies. */
  isStateCompared: boolean;
  /** The tables for which it was not, where this login may not read them. */
  unreadable: readonly string[];
  /** In the order in which the logs were opened; the last is the one in use. */
  logs: readonly {
    log: number;
    origin: string;
    entries: number;
    checkpoints: number;
    /** Base64. */
    root: string;
  }[];
}

/** It broke off for a cause that is no finding, and what it had found must not be lost with it. */
export class InterruptedVerification extends Error {
  override readonly name = 'InterruptedVerification';
  readonly verification: LedgerVerification;

  constructor(verification: LedgerVerification, cause: unknown) {
    super('the verification broke off', { cause });
    this.verification = verification;
  }
}

/** Throws InterruptedVerification where there were findings before it failed. */
export async function verifyLedger(
  database: Database,
  evidence: LedgerEvidence,
  verifyState?: StateVerifier,
): Promise<LedgerVerification> {
  const { verifier, clock } = evidence;
  const state = verifyState?.();
  const followers = state?.followers ?? [];
  const findings = createFindings();
  const verified: VerifiedLog[] = [];
  let isComplete = false;
  let isWitnessed = false;
  let isStateCompared = false;
  let unreadable: readonly string[] = [];
  const soFar = () => ({
    ...{ findings: findings.list, isComplete, isWitnessed, isStateCompared, unreadable },
    logs: summaries(verifier, verified),
  });
  try {
    const kept = await readKept(database, evidence, findings);
    isWitnessed = kept !== undefined;
    await database.transaction(async (tx) => {
      await freezeSnapshot(tx);
      await readOrFind({ log: 1, tables: 'the tables of the ledger', findings }, () =>
        verifyLogs(tx, { verifier, kept, followers, clock }, findings, verified),
      );
      if (!state || findings.faultCount > 0) return;
      const logs = verified.map(({ log }) => log);
      const place = { log: logs.at(-1) ?? 1, tables: 'what entries wrote', findings };
      unreadable = await readOrFind(place, () => state.compare(tx, logs, findings));
      isStateCompared = unreadable.length === 0;
    });
    isComplete = true;
  } catch (error) {
    if (!(error instanceof EnoughFindings)) {
      throw findings.list.length > 0 ? new InterruptedVerification(soFar(), error) : error;
    }
  }
  return soFar();
}

function summaries(
  verifier: LogVerifier,
  verified: readonly VerifiedLog[],
): LedgerVerification['logs'] {
  return verified.map(({ log, entries, checkpoints, root }) => {
    return {
      log,
      origin: originOf(verifier.origin, log),
      entries,
      checkpoints,
      root: root.toString('base64'),
    };
  });
}

async function verifyLogs(
  tx: Queryable,
  {
    verifier,
    kept,
    followers,
    clock,
  }: {
    verifier: LogVerifier;
    kept: KeptCheckpoint | undefined;
    followers: readonly EventFollower[];
    clock: Pick<Clock, 'now'>;
  },
  findings: Findings,
  verified: VerifiedLog[],
): Promise<void> {
  const logs = await findLogs(tx);
  const declared = logs.flatMap((row) => declaredLoss(verifier, row, findings));
  for (const { log, origin } of logs) {
    const expected = originOf(verifier.origin, log);
    if (origin !== expected) {
      findings.addFault(log, `the database holds the log ${origin}, but should hold ${expected}`);
    }
    const declaredSize = Math.max(0, ...declared.map((loss) => sizeOver(loss, log)));
    const keptElsewhere = kept?.log === log ? [kept] : [];
    const lastAt = verified.at(-1)?.lastAt ?? Number.NEGATIVE_INFINITY;
    const request = { log, verifier, lastAt, keptElsewhere, followers, declaredSize };
    const place = { log, tables: 'its entries, search rows, blocks or checkpoints', findings };
    verified.push(await readOrFind(place, () => verifyLog(tx, request, findings)));
  }
  for (const log of await findNamelessLogs(tx))
    findings.addFault(log, 'the log has entries and no name');
  if (kept && !logs.some(({ log }) => log === kept.log)) {
    if (kept.size > 0)
      findings.addFault(kept.log, 'a checkpoint is kept of a log that is not there');
  }
  if (kept) await verifyPublished(tx, kept, verified.at(-1), findings);
  for (const [i, log] of verified.entries())
    verifyOpening(log, logs[i], verified, verifier, findings);
  const newest = verified.at(-1)?.log ?? 1;
  const head = await readOrFind({ log: newest, tables: 'ledger_head', findings }, () =>
    findTree(tx),
  );
  if (!head) {
    findings.addFault(newest, 'the head of the ledger is missing');
    return;
  }
  verifyHead(head, verified, clock, findings);
}
