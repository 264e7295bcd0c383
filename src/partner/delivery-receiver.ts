/**
 * A model recipient of deliveries: what a partner's system should do with one, in the order in which it should. Proof
 * of origin first, then the key that makes a repetition harmless, then the sequence, since what was overtaken by
 * something newer must not replace it. Holds what it took in memory.
 */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { formatContentDigest, verifyContentDigest } from '../encoding/content-digest.ts';
import { SignatureError, type SignedMessage, verifyRequest } from '../encoding/http-signature.ts';
import { textOf } from './reply-members.ts';

export interface IncomingDelivery extends SignedMessage {
  body: Buffer;
}

export type ReceivedStatus = 'received' | 'repeated' | 'outdated';

export interface ReceivedDelivery {
  /** The delivery's id. */
  delivery: string;
  status: ReceivedStatus;
  kind: string;
  type: string;
  sequence: number;
  /** The gateway's ledger entry that authorised it. */
  ledgerIndex: number | null;
  /** Of the body (RFC 9530). */
  digest: string;
  /** The recipient's own id for the person, and who the delivery comes from, where the body says so. */
  client: string | null;
  from: string | null;
  /** What shows others who sent it (RFC 9421 section 2.5); null where no key of the gateway's is known here. */
  proof: { keyId: string | null; base: string; signature: string } | null;
  content: Buffer;
}

export type Receipt =
  | { kind: 'taken'; delivery: ReceivedDelivery }
  | { kind: 'refused'; status: number; code: string };

export interface ReceiverOptions {
  clock: Clock;
  /** The gateway's Ed25519 key. Where there is none, signatures are not judged. */
  gatewayKey?: KeyObject | undefined;
}

/** What the gateway's signature must cover, by the partner's own account. */
const needed = [
  ...['@method', '@target-uri', 'content-type', 'content-digest', 'idempotency-key'],
  ...['jetway-delivery', 'jetway-kind', 'jetway-sequence', 'jetway-type', 'ledger-index'],
];
/** Clocks differ, and a signature ends five seconds after it was made. */
const toleranceSeconds = 60;

export function deliveryReceiver(
  options: ReceiverOptions,
): (incoming: IncomingDelivery) => Receipt {
  const known = new Set<string>();
  const highest = new Map<string, number>();

  /**
   * By the key alone: each attempt is decided anew, so that a repetition need not have the same content. Then by what
   * is already held of the same record; whatever else is sent replaces nothing.
   */
  function statusOf({ delivery, kind, client, from, type, sequence }: Described): ReceivedStatus {
    if (known.has(delivery)) return 'repeated';
    known.add(delivery);
    if (client === null || (kind !== 'record' && kind !== 'retraction')) return 'received';
    // a record comes under its schema, a retraction has none
    const about = JSON.stringify([client, from, type.split('/')[0]]);
    if (sequence <= (highest.get(about) ?? -1)) return 'outdated';
    highest.set(about, sequence);
    return 'received';
  }

  return (incoming) => {
    const proof = proofOf(incoming, options);
    if (typeof proof === 'string') {
      // whether the key is the wrong one or the message was changed, it is not the content that is at fault
      return { kind: 'refused', status: proof === 'DIGEST_WRONG' ? 400 : 401, code: proof };
    }
    const described = describeDelivery(incoming);
    if (described === undefined) {
      return { kind: 'refused', status: 400, code: 'HEADERS_MALFORMED' };
    }
    const status = statusOf(described);
    return { kind: 'taken', delivery: { ...described, status, proof, content: incoming.body } };
  };
}

/** The proof, or what is wrong with it. */
function proofOf(incoming: IncomingDelivery, options: ReceiverOptions) {
  const { clock, gatewayKey: publicKey } = options;
  try {
    if (publicKey === undefined) {
      verifyContentDigest(incoming.headers['content-digest'], incoming.body);
      return null;
    }
    const { keyId, base, signature } = verifyRequest({
      ...incoming,
      ...{ publicKey, needed, toleranceSeconds, tag: 'jetway-delivery', now: clock.now() },
    });
    return { keyId: keyId ?? null, base, signature: signature.toString('base64') };
  } catch (error) {
    return error instanceof SignatureError ? error.code : 'DIGEST_WRONG';
  }
}

export type Described = Omit<ReceivedDelivery, 'status' | 'proof' | 'content'>;

/** Undefined where a field is missing or misshapen. */
export function describeDelivery({
  headers,
  body,
}: Pick<IncomingDelivery, 'headers' | 'body'>): Described | undefined {
  const delivery = headers['jetway-delivery'] ?? '';
  const sequence = headers['jetway-sequence'] ?? '';
  const kind = headers['jetway-kind'] ?? '';
  const type = headers['jetway-type'] ?? '';
  const isWhole = delivery !== '' && kind !== '' && type !== '' && /^\d{1,15}$/.test(sequence);
  if (!isWhole || headers['idempotency-key'] !== delivery) return undefined;
  const index = headers['ledger-index'];
  return {
    ...{ delivery, kind, type, sequence: Number(sequence) },
    ledgerIndex: index !== undefined && /^\d{1,15}$/.test(index) ? Number(index) : null,
    digest: formatContentDigest(body),
    ...aboutWhom(body),
  };
}

/** A body that is no JSON is of nobody in particular. */
function aboutWhom(body: Buffer): { client: string | null; from: string | null } {
  try {
    const value: unknown = JSON.parse(body.toString());
    const [client, from] = [textOf(value, 'client'), textOf(value, 'sender')];
    return { client: client || null, from: from || null };
  } catch {
    return { client: null, from: null };
  }
}
