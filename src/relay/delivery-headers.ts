/**
 * The header fields of a delivery. Its id is its Idempotency-Key in every attempt; the digest (RFC 9530) and the
 * gateway's signature (RFC 9421) let the recipient keep proof of what came, from whom, and under which entry of the
 * ledger. The signature ends with the authorisation.
 */
import { formatContentDigest } from '../encoding/content-digest.ts';
import { type SignRequest, signRequest } from '../encoding/http-signature.ts';

export interface DeliveryDescription {
  deliveryId: string;
  /** Rises with every delivery about one person from one organisation: what is not higher is out of date. */
  sequence: number;
  /** For example `social-care-summary/v1`. */
  type: string;
  kind: 'record' | 'message' | 'retraction' | 'report' | 'answer';
  mediaType: string;
  body: Buffer;
  /** The endpoint's URL. */
  targetUri: string;
  at: Date;
  /** When the authorisation ends. */
  goodUntil: Date;
  /** The entry that authorises this attempt. */
  ledgerIndex: number;
  /** The gateway's Ed25519 key, and the name by which recipients know it. */
  signer: Pick<SignRequest, 'keyId' | 'privateKey'>;
}

/** Says what a signature is for (RFC 9421 section 2.3). */
const signatureTag = 'jetway-delivery';

/** Kind and entry too: a record that could be passed off as its retraction would be no proof. */
const covered = [
  ...['@method', '@target-uri', 'content-type', 'content-digest', 'idempotency-key'],
  ...['jetway-delivery', 'jetway-kind', 'jetway-sequence', 'jetway-type', 'ledger-index'],
];

export function deliveryHeaders(delivery: DeliveryDescription): Readonly<Record<string, string>> {
  const fields = {
    'content-type': delivery.mediaType,
    'content-digest': formatContentDigest(delivery.body),
    'idempotency-key': delivery.deliveryId,
    'jetway-delivery': delivery.deliveryId,
    'jetway-kind': delivery.kind,
    'jetway-sequence': String(delivery.sequence),
    'jetway-type': delivery.type,
    'ledger-index': String(delivery.ledgerIndex),
  };
  const signature = signRequest({
    method: 'POST',
    // the spelling that the recipient makes of Host and path again
    targetUri: new URL(delivery.targetUri).href,
    headers: fields,
    covered,
    created: secondsOf(delivery.at),
    expires: secondsOf(delivery.goodUntil),
    ...delivery.signer,
    tag: signatureTag,
    label: 'jetway',
  });
  return { ...fields, ...signature };
}

function secondsOf(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
