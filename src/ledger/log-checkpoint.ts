/**
 * Checkpoints of this ledger's logs: the general format (src/tlog/checkpoint.ts) with the names of
 * src/ledger/log-origin.ts. Checking one takes public keys alone; who signs holds the private one besides.
 */
import type { KeyObject } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';
import { signCheckpoint, verifyCheckpoint } from '../tlog/checkpoint.ts';
import { type VerifierKey, verifierKeyOf } from '../tlog/verifier-key.ts';
import { logOf, originOf } from './log-origin.ts';

/** What checks this ledger's checkpoints. */
export interface LogVerifier {
  /** That of the first log. */
  origin: string;
  /** Named by the origin. Several where keys were rotated: each may have signed any of the logs. */
  keys: readonly VerifierKey[];
}

/** Who signs them. */
export interface LogSigner extends LogVerifier {
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

/** Throws TypeError for a key that is not Ed25519, or an origin that cannot name one. */
export function logSigner(origin: string, privateKey: KeyObject): LogSigner {
  return { origin, keys: [verifierKeyOf(origin, privateKey)], privateKey };
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

/** Throws LEDGER_UNAVAILABLE unless it is a checkpoint of one of the logs, signed with one of the keys. */
export function parseLogCheckpoint(verifier: LogVerifier, note: string): LogCheckpoint {
  const named = note.slice(0, note.indexOf('\n'));
  const log = logOf(verifier.origin, named);
  if (log === undefined) {
    throw new GatewayError('LEDGER_UNAVAILABLE', {
      detail: `The checkpoint is not one of the log ${verifier.origin}.`,
    });
  }
  // a note is signed under the name of its own log, so a later log's key has that name
  const keys = verifier.keys.map((key) =>
    key.name === named ? key : verifierKeyOf(named, key.publicKey),
  );
  const { size, root } = verifyCheckpoint(note, keys);
  return { log, size, root, note };
}
