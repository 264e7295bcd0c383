/** Deliveries without a network: a test says what is authorised, and what came of it. */
import {
  type AuthorisedDelivery,
  deliveryAuthoriser,
} from '../../src/exchange/authorise-deliveries.ts';
import { readDelivery } from '../../src/exchange/inbox.ts';
import { listInbox } from '../../src/exchange/list-inbox.ts';
import { deliverySettler, type Settlement } from '../../src/exchange/settle-deliveries.ts';
import { trackDelivery } from '../../src/exchange/track-deliveries.ts';
import { setEndpoint } from '../../src/participants/set-endpoint.ts';
import { centre, council } from './builders.ts';
import { endpointOf } from './relay.ts';
import { contextOf, type TestExchange } from './test-exchange.ts';

/** The centre has an endpoint; whoever else is sent something has an inbox. */
export async function handDelivered(exchange: TestExchange) {
  const endpoint = endpointOf(centre);
  await setEndpoint(exchange.ledger, endpoint, 'test');
  const authoriseSlots = deliveryAuthoriser(exchange);
  const settleOne = deliverySettler(exchange);

  async function authorise(free = 10): Promise<readonly AuthorisedDelivery[]> {
    return (await authoriseSlots(new Map([[centre, { endpoint, free }]]))).deliveries;
  }

  function settle(
    { delivery, ledgerIndex }: AuthorisedDelivery,
    outcome: Settlement['outcome'] = { kind: 'delivered' },
  ) {
    const { id, attempt } = delivery;
    return settleOne({ deliveryId: id, attempt, authorisedIndex: ledgerIndex, outcome });
  }

  async function inboxOf(odsCode: string) {
    const { deliveries } = await listInbox(exchange, { context: contextOf(odsCode), limit: 200 });
    return deliveries;
  }

  return {
    endpoint,
    authorise,
    settle,
    inboxOf,
    /** Whatever an earlier test left. */
    async settleAll(): Promise<void> {
      exchange.clock.advance(3_600_000);
      for (let due = await authorise(); due.length > 0; due = await authorise()) {
        for (const one of due) await settle(one);
      }
    },
    track: (id: unknown) =>
      trackDelivery(exchange, { context: contextOf(council), id: String(id) }),
    /** What the council finds in its inbox about one delivery. */
    async reportsAbout(delivery: string | undefined) {
      const context = contextOf(council);
      const reports = [];
      for (const { id } of await inboxOf(council)) {
        const report = JSON.parse((await readDelivery(exchange, { context, id })).body);
        if (report.kind === 'report' && report.about.delivery === delivery) reports.push(report);
      }
      return reports;
    },
  };
}

export function deliveriesOf({ body }: { body: Readonly<Record<string, unknown>> }) {
  const { deliveries } = body;
  if (!Array.isArray(deliveries)) throw new Error('a receipt without deliveries');
  return deliveries.map(({ id, recipient }) => ({ id: String(id), recipient: String(recipient) }));
}
