/**
 * A delivery: one thing that is on its way to one recipient. The outbox holds a row for each, written in the
 * transaction that accepts what is sent, so that nothing accepted is ever without one.
 */
import type { JsonObject } from '../ledger/ledger-event.ts';
import type { DeliveryProgress } from './delivery-state.ts';

/**
 * `record`: a version of a record. `message`: a message to one addressee. `retraction`: the record that a
 * recipient was sent was taken back. `answer`: what an addressee says to a message. `report`: something did not
 * reach its recipient.
 */
export const deliveryKinds = ['record', 'message', 'retraction', 'answer', 'report'] as const;
export type DeliveryKind = (typeof deliveryKinds)[number];

/** Pushed to the recipient's endpoint, or kept in its inbox until it asks. */
export type Channel = 'push' | 'inbox';

export interface Delivery extends DeliveryProgress {
  /** UUID; for the recipient also the idempotency key of every attempt. */
  id: string;
  /** The order in which one recipient gets what concerns one person. */
  position: number;
  kind: DeliveryKind;
  personId: string;
  /** ODS code; null where the gateway itself is the sender. */
  sender: string | null;
  /** ODS code. */
  recipient: string;
  /** Record type or message type. */
  type: string;
  /** Of the record, for records and retractions. */
  version: number | null;
  /** For messages and their answers. */
  messageId: string | null;
  /** The delivery that an answer or a report is about; the one that had failed, of a rerun. */
  about: string | null;
  /** What an answer or a report says. */
  content: JsonObject | null;
  /** Rises with all that one sender sends of one person. */
  sequence: number;
  channel: Channel;
  /** How often it was read in the inbox. */
  reads: number;
  /** A code: what the last attempt failed of. */
  lastFailure: string | null;
  /** Epoch milliseconds. */
  acceptedAt: number;
}

/** What is to be sent, before there is a row for each recipient. */
export interface Dispatch {
  kind: DeliveryKind;
  personId: string;
  sender: string | null;
  type: string;
  recipients: readonly { odsCode: string; channel: Channel }[];
  version?: number;
  messageId?: string;
  about?: string;
  content?: JsonObject;
}
