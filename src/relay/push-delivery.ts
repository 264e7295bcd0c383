/** One attempt: the payload with its headers, signed, over a connection that stands open. */
import type { AuthorisedDelivery } from '../exchange/authorise-deliveries.ts';
import { authorisationLifeMs } from '../ledger/work.ts';
import { type Meaning, meaningOf } from './answer-meaning.ts';
import { type DeliveryDescription, deliveryHeaders } from './delivery-headers.ts';
import type { EndpointConnection } from './endpoint-connection.ts';

/** Rejects only for a fault of ours. */
export async function pushDelivery(
  connection: EndpointConnection,
  { delivery, payload, ledgerIndex, at, goodUntilMs }: AuthorisedDelivery,
  { targetUri, signer }: Pick<DeliveryDescription, 'targetUri' | 'signer'>,
): Promise<Meaning> {
  const body = Buffer.from(payload.text);
  const headers = deliveryHeaders({
    ...{ deliveryId: delivery.id, sequence: delivery.sequence, kind: delivery.kind },
    ...{ type: payload.type, mediaType: payload.mediaType, body, targetUri, ledgerIndex, signer },
    at: new Date(at),
    goodUntil: new Date(at + authorisationLifeMs),
  });
  return meaningOf(await connection.post({ headers, body, goodUntilMs }), delivery.id);
}
