/**
 * Checkpoints (c2sp.org/tlog-checkpoint): the statement, signed as a note, that a log had this size and
 * this root.
 *
 *     gateway.example/audit
 *     70000
 *     47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
 *
 * The key's name is the origin. Extension lines are refused: these logs write none, and readers differ
 * on what they bind.
 */
import type { KeyObject } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';
import { hashBytes } from './merkle-hash.ts';
import { formatSignedNote, parseSignedNote, signNote, verifySignedNote } from './signed-note.ts';
import { isKeyName, type VerifierKey } from './verifier-key.ts';

export interface Checkpoint {
  /** Names the log: a URL prefix without scheme and trailing slash. */
  origin: string;
  /** Leaves in the tree. */
  size: number;
  /** 32 bytes. */
  root: Buffer;
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** The body alone, without signatures. Throws LEDGER_UNAVAILABLE unless it is the one way to write it. */
export function parseCheckpoint(body: string): Checkpoint {
  const [origin = '', digits = '', encoded = ''] = body.split('\n');
  const checkpoint = { origin, size: Number(digits), root: Buffer.from(encoded, 'base64') };
  if (
    !isKeyName(origin) ||
    !Number.isSafeInteger(checkpoint.size) ||
    checkpoint.size < 0 ||
    checkpoint.root.length !== hashBytes ||
    formatCheckpoint(checkpoint) !== body
  ) {
    throw refused('it is not an origin, a size and a root');
  }
  return checkpoint;
}

/** The whole note. Whoever signs answers for never signing another tree of the same origin. */
export function signCheckpoint(checkpoint: Checkpoint, privateKey: KeyObject): string {
  const text = formatCheckpoint(checkpoint);
  return formatSignedNote({ text, signatures: [signNote(text, checkpoint.origin, privateKey)] });
}

/**
 * What a note says, once a key of the log it names has signed it. Says nothing about freshness, nor
 * about consistency with an older one. Throws LEDGER_UNAVAILABLE.
 */
export function verifyCheckpoint(note: string, logKeys: readonly VerifierKey[]): Checkpoint {
  const parsed = parseSignedNote(note);
  const signers = verifySignedNote(parsed, logKeys);
  const checkpoint = parseCheckpoint(parsed.text);
  if (!signers.some(({ name }) => name === checkpoint.origin)) {
    throw refused('its signer is not the log that it names');
  }
  return checkpoint;
}

function refused(why: string): GatewayError {
  return new GatewayError('LEDGER_UNAVAILABLE', { detail: `The checkpoint is refused: ${why}.` });
}
