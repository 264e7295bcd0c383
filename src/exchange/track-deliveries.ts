/**
 * What became of what an organisation sent: each delivery with its receipts, newest first. A sender reads what is
 * its own, so nothing is disclosed and nothing recorded.
 */
import { findClientsOfPersons, findLinks } from '../clients/link-store.ts';
import type { Delivery, DeliveryKind } from '../deliveries/delivery.ts';
import type { DeliveryState } from '../deliveries/delivery-state.ts';
import { findDeliveries } from '../deliveries/due-store.ts';
import { type DeliveryReceipt, findReceipts } from '../deliveries/receipt-store.ts';
import { searchDeliveries } from '../deliveries/tracking-store.ts';
import { documentDigest } from '../encoding/document-digest.ts';
import { openToken, sealToken } from '../encoding/opaque-token.ts';
import type { RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { notFound, ownLink } from './own-client.ts';
import { withinLimits } from './within-limits.ts';

/** As a sender asks; times RFC 3339, `until` exclusive. */
export interface TrackingFilter {
  client?: string;
  recipient?: string;
  kind?: DeliveryKind;
  state?: DeliveryState;
  type?: string;
  from?: string;
  until?: string;
}

export type DeliveryJson = Readonly<Record<string, unknown>>;

export async function trackDeliveries(
  exchange: Exchange,
  request: { context: RequestContext; filter: TrackingFilter; limit: number; after?: string },
): Promise<{ deliveries: readonly DeliveryJson[]; next: string | null }> {
  const { macKey, database } = exchange;
  const { context, filter, limit, after } = request;
  const { client, from, until, ...rest } = filter;
  const purpose = cursorOf(context, filter);
  const before = after === undefined ? undefined : Number(openToken(macKey, purpose, after));
  const personId = client === undefined ? undefined : await personOf(exchange, context, client);
  const found = await withinLimits(
    searchDeliveries(
      database,
      {
        ...{ ...rest, sender: context.caller.odsCode, personId },
        ...(from !== undefined && { from: new Date(from) }),
        ...(until !== undefined && { until: new Date(until) }),
      },
      // one more than asked, to know whether there is a next page
      { limit: limit + 1, before },
    ),
  );
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    deliveries: await toJson(exchange, context, page),
    next: last ? sealToken(macKey, purpose, String(last.position)) : null,
  };
}

/** A cursor is good in its organisation's list alone, and for the question that it came with. */
function cursorOf({ caller }: RequestContext, filter: TrackingFilter): string {
  return `deliveries of ${caller.odsCode} ${documentDigest(filter)}`;
}

/** Throws RESOURCE_NOT_FOUND. */
export async function trackDelivery(
  exchange: Exchange,
  { context, id }: { context: RequestContext; id: string },
): Promise<DeliveryJson> {
  const delivery = (await withinLimits(findDeliveries(exchange.database, [id]))).get(id);
  if (delivery?.sender !== context.caller.odsCode) throw notFound('DELIVERY_UNKNOWN');
  const [json] = await toJson(exchange, context, [delivery]);
  return json ?? {};
}

async function personOf({ database }: Exchange, context: RequestContext, client: string) {
  const links = await withinLimits(findLinks(database, [client]));
  const link = ownLink(links.get(client), context);
  if (!link) throw notFound('CLIENT_UNKNOWN');
  return link.personId;
}

async function toJson(
  { database }: Exchange,
  { caller }: RequestContext,
  deliveries: readonly Delivery[],
): Promise<readonly DeliveryJson[]> {
  const ids = deliveries.map(({ id }) => id);
  const persons = [...new Set(deliveries.map(({ personId }) => personId))];
  const [receipts, clients] = await withinLimits(
    Promise.all([
      findReceipts(database, ids),
      findClientsOfPersons(database, caller.odsCode, persons),
    ]),
  );
  return deliveries.map((delivery) =>
    deliveryJson(
      delivery,
      receipts.filter(({ deliveryId }) => deliveryId === delivery.id),
      clients.get(delivery.personId),
    ),
  );
}

/** `client` is the reader's own id of the person. */
export function deliveryJson(
  delivery: Delivery,
  receipts: readonly DeliveryReceipt[],
  client: string | undefined,
): DeliveryJson {
  const { id, kind, type, version, messageId, about, recipient, sequence, channel } = delivery;
  const { state, attempt, lastFailure, acceptedAt, expiresAt } = delivery;
  return {
    ...{ id, kind, type, version, message: messageId, about, client: client ?? null },
    ...{ recipient, sequence, channel, state, attempts: attempt, lastFailure },
    acceptedAt: new Date(acceptedAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    receipts: receipts.map(({ receipt, at, log, index, particulars }) => ({
      ...{ receipt, at: new Date(at).toISOString(), log, ledgerIndex: index, ...particulars },
    })),
  };
}
