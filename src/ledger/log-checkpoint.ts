/**
 * Checkpoints of this ledger's logs: the general format (src/tlog/checkpoint.ts) with one key and the
 * names of src/ledger/log-origin.ts.
 */
import type { KeyObject } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';
import { signCheckpoint, verifyCheckpoint } from '../tlog/checkpoint.ts';
import { verifierKeyOf } from '../tlog/verifier-key.ts';
import { logOf, originOf } from './log-origin.ts';

/** Who signs this ledger's checkpoints. */
export interface LogSigner {
  /** That of the first log. */
  origin: string;
  /** Ed25519. */
  privateKey: KeyObject;
}

export interface LogCheckpoint {
  log: number;
  size: number;
  /** 32 bytes. */
  root: Buffer;
  /** The signed note as it was published. */
  note: string;
}

/** Requires a tree that was read as committed and found consistent with what was signed before. */
export function signLogCheckpoint(
  signer: LogSigner,
  tree: { log: number; size: number; root: Buffer },
): LogCheckpoint {
  const { log, size, root } = tree;
  const origin = originOf(signer.origin, log);
  return { log, size, root, note: signCheckpoint({ origin, size, root }, signer.privateKey) };
}

/** Throws LEDGER_UNAVAILABLE unless it is a checkpoint of one of the signer's logs, signed with its key. */
export function parseLogCheckpoint(signer: LogSigner, note: string): LogCheckpoint {
  const named = note.slice(0, note.indexOf('\n'));
  const log = logOf(signer.origin, named);
  if (log === undefined) {
    throw new GatewayError('LEDGER_UNAVAILABLE', {
      detail: `The checkpoint is not one of the log ${signer.origin}.`,
    });
  }
  const { size, root } = verifyCheckpoint(note, [verifierKeyOf(named, signer.privateKey)]);
  return { log, size, root, note };
}
