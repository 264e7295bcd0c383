/**
 * How a delivery is written for its recipient. One form today; others (FHIR bundles, say) are further ones, and
 * nothing else of the relay looks inside.
 */
import type { DeliveryKind } from '../deliveries/delivery.ts';

export interface DeliveryHead {
  /** UUID; the recipient repeats it in its acknowledgement. */
  delivery: string;
  kind: DeliveryKind;
  /** The recipient's own id of the person. */
  client: string;
  /** ODS code of whoever sent it; null: the gateway itself. */
  sender: string | null;
  /** A recipient passes over what has a lower one than it has from this sender of this person. */
  sequence: number;
}

export interface PayloadForm {
  mediaType: string;
  /** `content` is the JSON text of an object that has members. */
  format(head: DeliveryHead, content: string): string;
}

/** One JSON object: the head's members, then the content's as they are. */
export const jsonPayload: PayloadForm = {
  mediaType: 'application/json',
  format: (head, content) => `${JSON.stringify(head).slice(0, -1)},${content.slice(1)}`,
};
