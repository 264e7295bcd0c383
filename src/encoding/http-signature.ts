/**
 * HTTP message signatures (RFC 9421) with Ed25519 (section 3.3.6): a sender signs parts of a request, so that
 * its recipient can show others what it was sent and by whom. Of the derived components (section 2.2) those that
 * a request of ours has; of parameters of components none. Pure; the time is handed in.
 */
import { type KeyObject, sign, verify } from 'node:crypto';
import { verifyContentDigest } from './content-digest.ts';
import {
  formatByteSequence,
  formatInnerList,
  type InnerList,
  type Parameters,
  parseByteSequences,
  parseInnerLists,
} from './structured-fields.ts';

export interface SignedMessage {
  method: string;
  /** Absolute, as the sender meant it: `https://records.example.org/deliveries`. */
  targetUri: string;
  /** Lower-case names. Several lines of one name are one value, joined by `, `. */
  headers: Readonly<Record<string, string | undefined>>;
}

export interface SignRequest extends SignedMessage {
  /** Lower-case field names, and derived components such as `@method`. */
  covered: readonly string[];
  /** Seconds since 1970, both. */
  created: number;
  expires: number;
  keyId: string;
  /** Ed25519. */
  privateKey: KeyObject;
  /** Names the application, so that no signature is taken for one of another (section 2.3). */
  tag: string;
  /** Which signature of the message this is. */
  label: string;
}

export interface VerifyRequest extends SignedMessage {
  body: Uint8Array;
  /** Ed25519. */
  publicKey: KeyObject;
  /** What the signature must be for; undefined: for nothing in particular. */
  tag: string | undefined;
  /** What it must cover at least. */
  needed: readonly string[];
  now: Date;
  /** How far the signer's clock may be off. */
  toleranceSeconds: number;
}

export interface VerifiedSignature {
  keyId: string | undefined;
  covered: readonly string[];
  /** The exact text that was signed: what to keep, with the signature, as proof of origin. */
  base: string;
  signature: Buffer;
}

export type SignatureFault =
  | 'SIGNATURE_MISSING'
  | 'SIGNATURE_MALFORMED'
  | 'SIGNATURE_INCOMPLETE'
  | 'SIGNATURE_NOT_YET_VALID'
  | 'SIGNATURE_EXPIRED'
  | 'SIGNATURE_WRONG'
  | 'DIGEST_WRONG';

export class SignatureError extends Error {
  override readonly name = 'SignatureError';
  readonly code: SignatureFault;

  constructor(code: SignatureFault, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

/** Section 2.5. Throws RangeError for a component that the message lacks, or that cannot be signed. */
export function signatureBase(message: SignedMessage, list: InnerList): string {
  if (new Set(list.items).size !== list.items.length) throw new RangeError('covered twice');
  const lines = list.items.map((name) => `"${name}": ${componentValue(message, name)}`);
  return [...lines, `"@signature-params": ${formatInnerList(list)}`].join('\n');
}

export function signRequest(request: SignRequest): {
  'signature-input': string;
  signature: string;
} {
  const { covered, created, expires, keyId, tag, label } = request;
  const parameters: Parameters = [
    ['created', created],
    ['expires', expires],
    ['keyid', keyId],
    ['alg', 'ed25519'],
    ['tag', tag],
  ];
  const list = { items: covered, parameters };
  const signature = sign(null, Buffer.from(signatureBase(request, list)), request.privateKey);
  return {
    'signature-input': `${label}=${formatInnerList(list)}`,
    signature: `${label}=${formatByteSequence(signature)}`,
  };
}

/** Throws SignatureError. A body is judged where its digest is covered. */
export function verifyRequest(request: VerifyRequest): VerifiedSignature {
  const { label, list } = inputOf(request);
  const { items: covered, parameters } = list;
  const of = new Map(parameters);
  if (request.needed.some((name) => !covered.includes(name))) {
    throw new SignatureError('SIGNATURE_INCOMPLETE');
  }
  const algorithm = of.get('alg') ?? 'ed25519';
  if (algorithm !== 'ed25519') throw new SignatureError('SIGNATURE_MALFORMED');
  refuseOutOfTime(of.get('created'), of.get('expires'), request);
  const signature = membersOf(request, 'signature', parseByteSequences).get(label);
  if (signature === undefined) throw new SignatureError('SIGNATURE_MISSING');
  const base = readable(() => signatureBase(request, list));
  if (!verify(null, Buffer.from(base), request.publicKey, signature)) {
    throw new SignatureError('SIGNATURE_WRONG');
  }
  if (covered.includes('content-digest')) refuseOtherBody(request);
  const keyId = of.get('keyid');
  return { keyId: typeof keyId === 'string' ? keyId : undefined, covered, base, signature };
}

/** The one signature that is for this; two that claim it would leave open which of them counts. */
function inputOf(request: VerifyRequest): { label: string; list: InnerList } {
  const inputs = membersOf(request, 'signature-input', parseInnerLists);
  const claims = [...inputs].filter(
    ([, { parameters }]) => new Map(parameters).get('tag') === request.tag,
  );
  const [claim] = claims;
  if (claim === undefined) throw new SignatureError('SIGNATURE_MISSING');
  if (claims.length > 1) throw new SignatureError('SIGNATURE_MALFORMED');
  return { label: claim[0], list: claim[1] };
}

function membersOf<Value>(
  { headers }: SignedMessage,
  name: string,
  parse: (field: string) => ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  const field = headers[name];
  if (field === undefined) throw new SignatureError('SIGNATURE_MISSING');
  return readable(() => parse(field));
}

function refuseOutOfTime(created: unknown, expires: unknown, request: VerifyRequest): void {
  const { now, toleranceSeconds } = request;
  if (typeof created !== 'number' || (expires !== undefined && typeof expires !== 'number')) {
    throw new SignatureError('SIGNATURE_MALFORMED');
  }
  const seconds = now.getTime() / 1000;
  if (created > seconds + toleranceSeconds) throw new SignatureError('SIGNATURE_NOT_YET_VALID');
  if (expires !== undefined && expires <= seconds - toleranceSeconds) {
    throw new SignatureError('SIGNATURE_EXPIRED');
  }
}

function refuseOtherBody({ headers, body }: VerifyRequest): void {
  try {
    verifyContentDigest(headers['content-digest'], body);
  } catch (cause) {
    throw new SignatureError('DIGEST_WRONG', { cause });
  }
}

function readable<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new SignatureError('SIGNATURE_MALFORMED', { cause });
  }
}

function componentValue({ method, targetUri, headers }: SignedMessage, name: string): string {
  switch (name) {
    case '@method':
      return method;
    case '@target-uri':
      return singleLine(targetUri);
    case '@authority':
      return new URL(targetUri).host;
    case '@path':
      return new URL(targetUri).pathname;
  }
  const value = /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name) ? headers[name] : undefined;
  if (value === undefined) throw new RangeError('the message has no such component');
  return singleLine(value.trim());
}

/** A line break in a value would forge a line of the base (section 7.5.6). */
function singleLine(value: string): string {
  if (!/^[\t -~]*$/.test(value)) throw new RangeError('a component that cannot be signed');
  return value;
}
