/**
 * Whether the settings can be those of the log that is there. A wrong origin, key or checkpoint file looks like a
 * loss of signed entries to every later check, and what helps against a loss would do harm.
 */
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { parseSignedNote } from '../tlog/signed-note.ts';
import { verifierKeyOf } from '../tlog/verifier-key.ts';
import { readCheckpointNote } from './checkpoint-file.ts';
import type { LedgerWitness } from './kept-continuity.ts';
import type { LogVerifier } from './log-checkpoint.ts';
import { logOf } from './log-origin.ts';
import { findLogs, findNewestCheckpoint } from './log-store.ts';

/** For the operator: which setting is at odds with which log, and what to do. */
class AnotherLogError extends Error {
  override readonly name = 'AnotherLogError';
}

/** Before anything is written under the settings' names, and on a database without any log. Throws AnotherLogError. */
export async function requireOwnLog(
  queryable: Queryable,
  { signer, checkpointFile }: LedgerWitness,
): Promise<void> {
  const logs = await findLogs(queryable);
  const held = logs[0]?.origin;
  if (held !== undefined && held !== signer.origin) {
    throw new AnotherLogError(
      `JETWAY_LEDGER_ORIGIN names the log ${signer.origin}, but the database holds the log ${held}: ` +
        'correct the origin, or the URL of the database',
    );
  }
  const kept = await readCheckpointNote(checkpointFile);
  const newest = logs.at(-1)?.log;
  const stored = newest === undefined ? undefined : await findNewestCheckpoint(queryable, newest);
  const said = claimedSigners(kept ?? stored ?? '');
  if (said === undefined) return;
  if (logOf(signer.origin, said.name) === undefined) {
    // of a row of the database this would be an edit, and no setting's fault
    if (kept === undefined) return;
    throw new AnotherLogError(
      `JETWAY_LEDGER_ORIGIN names the log ${signer.origin}, but JETWAY_CHECKPOINT_FILE holds a checkpoint of ` +
        `${said.name}: name the file that belongs to the log`,
    );
  }
  if (isSignedByOther(signer, said)) {
    const [ours] = keyIdsOf(signer, said.name);
    const theirs = said.keyIds.join(', ');
    throw new AnotherLogError(
      `JETWAY_LEDGER_KEY_FILE holds the key ${ours}, but ` +
        (kept === undefined
          ? `the newest checkpoint in the database is by the key ${theirs}: name the file of that key, unless nobody ` +
            'knows it; then somebody has written to the database'
          : `the last checkpoint of the log ${said.name} was signed with the key ${theirs}: name the file of that key`),
    );
  }
}

/** Whether a note is of another log, or signed by other keys alone; false for one that cannot be read. */
export function isOfAnother(verifier: LogVerifier, note: string): boolean {
  const said = claimedSigners(note);
  if (said === undefined) return false;
  return logOf(verifier.origin, said.name) === undefined || isSignedByOther(verifier, said);
}

interface Signers {
  /** The origin that stands in the note. */
  name: string;
  /** Of the signatures under that name, at least one: what they say, which nobody has verified. */
  keyIds: readonly string[];
}

function isSignedByOther(verifier: LogVerifier, { name, keyIds }: Signers): boolean {
  const known = keyIdsOf(verifier, name);
  return !keyIds.some((keyId) => known.includes(keyId));
}

/** A key's id depends on the name that it signs under. */
function keyIdsOf(verifier: LogVerifier, name: string): readonly string[] {
  return verifier.keys.map(({ publicKey }) => verifierKeyOf(name, publicKey).keyId);
}

/** Undefined for what is no signed note, or not signed in its own name: that is damage, and no setting's fault. */
function claimedSigners(note: string): Signers | undefined {
  try {
    const { text, signatures } = parseSignedNote(note);
    const name = text.slice(0, text.indexOf('\n'));
    const own = signatures.filter((signature) => signature.name === name);
    return own.length === 0 ? undefined : { name, keyIds: own.map(({ keyId }) => keyId) };
  } catch (error) {
    if (error instanceof GatewayError) return undefined;
    throw error;
  }
}
