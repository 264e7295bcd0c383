/**
 * Signed notes (c2sp.org/signed-note), Ed25519 signatures (type 0x01):
 *
 *     If you think cryptography is the answer to your problem,
 *     then you don't know what your problem is.
 *
 *     — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
 *
 * The text with its last newline is what is signed; the empty line belongs to nobody.
 */
import { type KeyObject, sign, verify } from 'node:crypto';
import { GatewayError } from '../errors/gateway-error.ts';
import { isKeyName, type VerifierKey, verifierKeyOf } from './verifier-key.ts';

export interface NoteSignature {
  name: string;
  /** 8 lower-case hexadecimal digits. */
  keyId: string;
  /** What follows the key id: for Ed25519 64 bytes, for other types anything. */
  value: Buffer;
}

export interface SignedNote {
  /** Ends in a newline. */
  text: string;
  signatures: readonly NoteSignature[];
}

const keyIdBytes = 4;
/** Both as in golang.org/x/mod/sumdb/note: a note is somebody else's text until it is verified. */
const maxNoteLength = 1_000_000;
const maxSignatures = 100;

/** Deterministic (RFC 8032): the same text and key give the same bytes on every node. */
export function signNote(text: string, name: string, privateKey: KeyObject): NoteSignature {
  if (!isNoteText(text))
    throw new TypeError('a note text ends in a newline, its one control character');
  const { keyId } = verifierKeyOf(name, privateKey);
  return { name, keyId, value: sign(null, Buffer.from(text), privateKey) };
}

export function formatSignedNote({ text, signatures }: SignedNote): string {
  const lines = signatures.map(({ name, keyId, value }) => {
    const encoded = Buffer.concat([Buffer.from(keyId, 'hex'), value]).toString('base64');
    return `— ${name} ${encoded}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/** Throws LEDGER_UNAVAILABLE unless the note is exactly what `formatSignedNote` makes of its parts. */
export function parseSignedNote(note: string): SignedNote {
  const split = note.length <= maxNoteLength ? note.lastIndexOf('\n\n') : -1;
  const text = note.slice(0, split + 1);
  const lines = note
    .slice(split + 2)
    .split('\n')
    .slice(0, -1);
  if (split < 0 || !isNoteText(text) || lines.length === 0 || lines.length > maxSignatures) {
    throw malformed();
  }
  const parsed = { text, signatures: lines.map(parseSignature) };
  // Formatting again and comparing refuses non-canonical base64 and anything after the last line.
  if (formatSignedNote(parsed) !== note) throw malformed();
  return parsed;
}

/**
 * The keys that signed the note, at least one. Signatures of unknown keys are skipped, which is how keys
 * rotate; a wrong signature by a known key refuses the whole note. Throws LEDGER_UNAVAILABLE.
 */
export function verifySignedNote(
  { text, signatures }: SignedNote,
  knownKeys: readonly VerifierKey[],
): readonly VerifierKey[] {
  const signers = new Set<VerifierKey>();
  for (const signature of signatures) {
    // Names are compared whole: neither prefix nor host makes a key known.
    const key = knownKeys.find((k) => k.name === signature.name && k.keyId === signature.keyId);
    if (!key || signers.has(key)) continue;
    if (!verify(null, Buffer.from(text), key.publicKey, signature.value)) {
      throw unverified('a signature by a known key is wrong');
    }
    signers.add(key);
  }
  if (signers.size === 0) throw unverified('no known key signed it');
  return [...signers];
}

function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
  const decoded = Buffer.from(encoded, 'base64');
  if (!isKeyName(name) || decoded.length <= keyIdBytes) throw malformed();
  return {
    name,
    keyId: decoded.toString('hex', 0, keyIdBytes),
    value: decoded.subarray(keyIdBytes),
  };
}

/** Well-formed Unicode without control characters below U+0020 but newline, which ends it. */
function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !/[^\P{Cc}\n\x7f-\x9f]/u.test(text);
}

function malformed(): GatewayError {
  return new GatewayError('LEDGER_UNAVAILABLE', {
    detail: 'This is not a well-formed signed note.',
  });
}

function unverified(why: string): GatewayError {
  return new GatewayError('LEDGER_UNAVAILABLE', {
    detail: `The signed note does not verify: ${why}.`,
  });
}
