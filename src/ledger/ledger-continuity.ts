/**
 * Whether the database extends what was signed before. A restored backup or a replica that lags has lost
 * entries, withdrawals of consent perhaps among them, and answers as if nothing were missing; only a
 * checkpoint that lives outside it can tell.
 */
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { encodeFrontier, type Frontier, rootOf } from '../tlog/frontier.ts';
import { type LogCheckpoint, type LogVerifier, parseLogCheckpoint } from './log-checkpoint.ts';
import { originOf } from './log-origin.ts';
import { findLogs, findNewestCheckpoint, type LogRow } from './log-store.ts';
import { extendFrontier, loadFrontier } from './stored-tree.ts';
import { getTree, type TreeRow } from './tree-store.ts';

/** A committed tree that was found to extend everything signed before. */
export interface VerifiedTree {
  log: number;
  frontier: Frontier;
  root: Buffer;
}

/** What is wrong in one constant word, while the reason's figures change with every entry. */
export type Discontinuity =
  | 'unchecked'
  | 'file'
  | 'origin'
  | 'succeeded'
  | 'stored'
  | 'behind'
  | 'forked'
  | 'head';

export type Continuity =
  | { extends: true; tree: VerifiedTree; notice?: string }
  /** `reason` is for the operator: what is wrong, and what to do. */
  | { extends: false; cause: Discontinuity; reason: string };

const recover = 'If this is the database to go on with, run `jetway ledger recover`.';

/** From the checkpoint that is kept outside, or where there is none from the newest that is stored inside. */
export async function checkContinuity(
  queryable: Queryable,
  verifier: LogVerifier,
  kept: LogCheckpoint | undefined,
): Promise<Continuity> {
  const head = await getTree(queryable);
  const logs = await findLogs(queryable);
  const origin = logs.find(({ log }) => log === head.log)?.origin;
  if (origin !== originOf(verifier.origin, head.log)) {
    const held = origin === undefined ? 'a log without a name' : `the log ${origin}`;
    const reason = `The database holds ${held}, but the configured origin is ${verifier.origin}.`;
    return no('origin', reason);
  }
  if (kept && kept.log !== head.log && !isSucceeded(verifier, logs, kept)) {
    return no(
      'succeeded',
      `A checkpoint of ${originOf(verifier.origin, kept.log)} was signed, but the database is at ${origin}. ${recover}`,
    );
  }
  const before = kept?.log === head.log ? kept : await newestStored(queryable, verifier, head.log);
  if (before instanceof GatewayError) {
    const reason = `The newest checkpoint in the database does not verify. ${before.detail}`;
    return no('stored', reason);
  }
  const compared = await compare(queryable, head, before);
  // a log that was never signed and holds nothing is a first start, and there is nothing to lose
  if (!compared.extends || kept || (!before && head.size === 0)) return compared;
  const counts = before
    ? 'the newest checkpoint in the database counts'
    : 'nothing was ever signed';
  return { ...compared, notice: `No checkpoint file: ${counts}.` };
}

/** The same, from a tree that this process verified itself; undefined where only the full check can say. */
export async function extendVerified(
  queryable: Queryable,
  tree: VerifiedTree,
): Promise<VerifiedTree | undefined> {
  const head = await getTree(queryable);
  if (head.log !== tree.log || head.size < tree.frontier.size) return undefined;
  const frontier = await extendFrontier(queryable, tree.log, tree.frontier, head.size);
  return frontier && isHeads(head, frontier)
    ? { log: head.log, frontier, root: head.root }
    : undefined;
}

async function compare(
  queryable: Queryable,
  head: TreeRow,
  before: LogCheckpoint | undefined,
): Promise<Continuity> {
  if (before && head.size < before.size) {
    return no(
      'behind',
      `A checkpoint of ${before.size} entries was signed, but the database holds ${head.size}: ` +
        `it was restored from a backup, or it lags behind. ${recover}`,
    );
  }
  const start = await loadFrontier(queryable, head.log, before?.size ?? head.size);
  if (!start || (before && !rootOf(start).equals(before.root))) {
    return no(
      'forked',
      `The first ${before?.size ?? head.size} entries are not those that were signed. ${recover}`,
    );
  }
  const frontier = await extendFrontier(queryable, head.log, start, head.size);
  if (!frontier || !isHeads(head, frontier)) {
    return no('head', `The entries and the head of the ledger do not agree. ${recover}`);
  }
  return { extends: true, tree: { log: head.log, frontier, root: head.root } };
}

function isHeads(head: TreeRow, frontier: Frontier): boolean {
  return rootOf(frontier).equals(head.root) && encodeFrontier(frontier).equals(head.frontier);
}

/**
 * Whether an operator has already said that the log of this checkpoint is over: a later log names a
 * checkpoint at least as new. Its signature is checked, because the row that holds it could be anybody's.
 */
function isSucceeded(verifier: LogVerifier, logs: readonly LogRow[], kept: LogCheckpoint): boolean {
  return logs.some(({ log, predecessorCheckpoint }) => {
    if (log <= kept.log || predecessorCheckpoint === null) return false;
    const named = tryParse(verifier, predecessorCheckpoint);
    if (named instanceof GatewayError) return false;
    return named.log > kept.log || (named.log === kept.log && named.size >= kept.size);
  });
}

async function newestStored(
  queryable: Queryable,
  verifier: LogVerifier,
  log: number,
): Promise<LogCheckpoint | GatewayError | undefined> {
  const note = await findNewestCheckpoint(queryable, log);
  return note === undefined ? undefined : tryParse(verifier, note);
}

function tryParse(verifier: LogVerifier, note: string): LogCheckpoint | GatewayError {
  try {
    return parseLogCheckpoint(verifier, note);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
}

function no(cause: Discontinuity, reason: string): Continuity {
  return { extends: false, cause, reason };
}
