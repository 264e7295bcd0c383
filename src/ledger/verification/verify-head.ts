/** The head row, held against the logs as their entries add up: writers begin from it. */
import type { Clock } from '../../clock.ts';
import { decodeFrontier, rootOf } from '../../tlog/frontier.ts';
import type { TreeRow } from '../tree-store.ts';
import type { Findings } from './findings.ts';
import type { VerifiedLog } from './verify-log.ts';

/** By how much the clocks of those who verify and of gateways may differ. */
const clockDifferenceMs = 5 * 60_000;

/** `verified`: every log, in their order. */
export function verifyHead(
  head: TreeRow,
  verified: readonly VerifiedLog[],
  clock: Pick<Clock, 'now'>,
  findings: Findings,
): void {
  verifyTree(head, verified, findings);
  if (head.at.getTime() > clock.now().getTime() + clockDifferenceMs) {
    findings.addMisfit(head.log, "the head's time is one that has not come yet");
  }
}

function verifyTree(head: TreeRow, verified: readonly VerifiedLog[], findings: Findings): void {
  const newest = verified.at(-1);
  if (!newest && head.size === 0) return;
  if (newest?.log !== head.log) {
    findings.addFault(head.log, 'the head is not that of the newest log');
    return;
  }
  if (head.size !== newest.entries) {
    const least = Math.min(head.size, newest.entries);
    findings.addFault(
      head.log,
      `the head says ${head.size} entries, and there are ${newest.entries}`,
      least,
    );
  } else if (newest.isWhole && !head.root.equals(newest.root)) {
    findings.addFault(head.log, "the head's root is not that of the leaves");
  }
  if (newest.isWhole && !isFrontierOf(head)) {
    findings.addFault(head.log, "the head's frontier is not that of its root");
  }
  // the last entry may be one that does not open
  const isRead = newest.entries > 0 && findings.faultCount === 0;
  if (isRead && head.at.getTime() !== newest.lastAt) {
    findings.addMisfit(head.log, "the head's time is not that of the last entry");
  }
}

function isFrontierOf(head: TreeRow): boolean {
  try {
    return rootOf(decodeFrontier(head.size, head.frontier)).equals(head.root);
  } catch {
    return false;
  }
}
