/** Rows of `deliveries` as every statement on them selects them. */
import type { JsonObject } from '../ledger/ledger-event.ts';
import type { Channel, Delivery, DeliveryKind } from './delivery.ts';
import type { DeliveryState, Recall } from './delivery-state.ts';

export const deliveryColumns = `d.id, d.position, d.kind, d.person_id, d.sender, d.recipient, d.type, d.version,
  d.message_id, d.about, d.content, d.sequence, d.channel, d.state, d.due_at, d.attempt, d.reads, d.recalled,
  d.last_failure, d.accepted_at, d.expires_at`;

export interface DeliveryRow {
  id: string;
  position: number;
  kind: DeliveryKind;
  person_id: string;
  sender: string | null;
  recipient: string;
  type: string;
  version: number | null;
  message_id: string | null;
  about: string | null;
  content: JsonObject | null;
  sequence: number;
  channel: Channel;
  state: DeliveryState;
  due_at: Date | null;
  attempt: number;
  reads: number;
  recalled: Recall | null;
  last_failure: string | null;
  accepted_at: Date;
  expires_at: Date;
}

export function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    position: row.position,
    kind: row.kind,
    personId: row.person_id,
    sender: row.sender,
    recipient: row.recipient,
    type: row.type,
    version: row.version,
    messageId: row.message_id,
    about: row.about,
    content: row.content,
    sequence: row.sequence,
    channel: row.channel,
    state: row.state,
    dueAt: row.due_at?.getTime() ?? null,
    attempt: row.attempt,
    reads: row.reads,
    recalled: row.recalled,
    lastFailure: row.last_failure,
    acceptedAt: row.accepted_at.getTime(),
    expiresAt: row.expires_at.getTime(),
  };
}
