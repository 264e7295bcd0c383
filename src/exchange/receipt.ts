/** What a write is answered with, and what a repetition of it is known by. */

/** A repetition is known by organisation, route and key; another body under the same key is refused. */
export interface Idempotency {
  route: string;
  key: string;
  /** Keyed digest of the body. */
  bodyMac: string;
}

/** What is answered, now and to a repetition of the same request. Never record content. */
export interface Receipt {
  status: 200 | 201 | 202;
  body: Readonly<Record<string, unknown>>;
  etag?: string;
  ledgerIndex: number;
}

/** Afterwards a key may be used again. */
export const receiptHours = 24;
