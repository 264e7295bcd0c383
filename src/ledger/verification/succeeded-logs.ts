/**
 * Logs that others succeeded, after a recovery: what each later one declares to be lost of those before it, and whether
 * they are still what they were when it was opened.
 */
import { GatewayError } from '../../errors/gateway-error.ts';
import { type LogCheckpoint, type LogVerifier, parseLogCheckpoint } from '../log-checkpoint.ts';
import { originOf } from '../log-origin.ts';
import type { LogRow } from '../log-store.ts';
import type { Findings } from './findings.ts';
import type { VerifiedLog } from './verify-log.ts';

/** The checkpoint of an older log that a log's row declares to be lost or forked. */
export function declaredLoss(
  verifier: LogVerifier,
  row: LogRow,
  findings: Findings,
): LogCheckpoint[] {
  if (row.predecessorCheckpoint === null) {
    if (row.log > 1)
      findings.addFault(row.log, 'the log does not say which checkpoint it succeeds');
    return [];
  }
  try {
    const declared = parseLogCheckpoint(verifier, row.predecessorCheckpoint);
    if (declared.log < row.log) return [declared];
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
  }
  findings.addFault(row.log, 'the checkpoint that the log succeeds does not verify');
  return [];
}

/** Up to which size the loss of a log was declared. */
export function sizeOver(declared: LogCheckpoint, log: number): number {
  if (declared.log > log) return Number.MAX_SAFE_INTEGER;
  return declared.log === log ? declared.size : 0;
}

/** The first entry of a later log says what the database held before: it must still be that. */
export function verifyOpening(
  { log, opening }: VerifiedLog,
  row: LogRow | undefined,
  verified: readonly VerifiedLog[],
  verifier: LogVerifier,
  findings: Findings,
): void {
  if (log === 1) return;
  const said = new Map(Object.entries(opening?.particulars ?? {}));
  const held: unknown = said.get('held');
  const { origin, size, root } = { origin: '', size: -1, root: '', ...objectOf(held) };
  const old = verified.find((each) => originOf(verifier.origin, each.log) === origin);
  if (said.get('checkpoint') !== row?.predecessorCheckpoint) {
    findings.addFault(
      log,
      'the first entry and the name of the log tell of different checkpoints',
      0,
    );
  }
  if (old?.isWhole && old.entries === size && old.root.toString('base64') === root) return;
  findings.addFault(log, 'the log before is not what it was when this one was opened', 0);
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
