/** What a recipient reads: a record or message as far as the decision opens it, or what is said about one. */
import type { Delivery } from '../deliveries/delivery.ts';
import type { RecordVersion } from '../records/record-store.ts';
import type { ConsideredDelivery, DeliverySubject } from './considered-delivery.ts';
import { jsonPayload } from './payload-form.ts';
import { releaseRecord } from './released-record.ts';

export interface DeliveryPayload {
  mediaType: string;
  text: string;
  /** For example `social-care-summary/v1`; of what has no schema, what it is about. */
  type: string;
}

/** Requires a decision that is a permit. */
export function releasedPayload(
  macKey: Buffer,
  delivery: Delivery,
  subject: DeliverySubject,
  { request, decided }: Extract<ConsideredDelivery, { kind: 'granted' }>,
): DeliveryPayload {
  const content: RecordVersion = subject.content;
  const { body } = releaseRecord(macKey, request, subject, content, decided);
  return payload(delivery, subject.link.client, content.schema, body);
}

/** Of a retraction, an answer or a report, which no decision opens because nothing of the person is in it. */
export function noticePayload(delivery: Delivery, client: string): DeliveryPayload {
  const { type, content } = delivery;
  const said = JSON.stringify({ recordType: type, ...content });
  return payload(delivery, client, type, said);
}

function payload(
  { id, kind, sender, sequence, messageId }: Delivery,
  client: string,
  type: string,
  content: string,
): DeliveryPayload {
  const message = messageId && { message: messageId };
  const head = { delivery: id, kind, client, sender, sequence, ...message };
  return { mediaType: jsonPayload.mediaType, text: jsonPayload.format(head, content), type };
}
