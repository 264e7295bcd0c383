/** `jetway delivery list`: what is on its way, and what became of it. */
import type { Delivery } from '../deliveries/delivery.ts';
import { findReceipts } from '../deliveries/receipt-store.ts';
import { searchDeliveries } from '../deliveries/tracking-store.ts';
import { deliveryJson } from '../exchange/track-deliveries.ts';
import { withDatabase } from './administration.ts';
import { parseOptions } from './arguments.ts';
import type { Command } from './command.ts';
import {
  deliveryLine,
  noSuchDelivery,
  readSelection,
  selectionOptions,
  selectionUsage,
  stateUsage,
} from './delivery-selection.ts';
import { showList } from './listing.ts';

export const deliveryListCommand: Command = {
  name: 'delivery list',
  summary: 'list deliveries, what became of them and what they failed of',
  usage: `jetway delivery list [--state STATE] [--sender CODE] [--recipient CODE] [--type TYPE] [--limit N] [--json]

One line a delivery, the newest first. Shows nothing of the people whom they are about.

${stateUsage}
${selectionUsage}
  --json             one JSON array instead, with receipts and their entries of the ledger

Exit code: 0, 1 it could not be read, 2 the arguments cannot be used.`,
  async run(args, io) {
    const { json, ...options } = parseOptions(args, {
      ...selectionOptions,
      json: { type: 'boolean', default: false },
    });
    const { filter, limit } = readSelection(options);
    const { found, receipts } = await withDatabase(io.env, async (database) => {
      const deliveries = await searchDeliveries(database, filter, { limit });
      const ids = deliveries.map(({ id }) => id);
      return { found: deliveries, receipts: json ? await findReceipts(database, ids) : [] };
    });
    const receiptsOf = ({ id }: Delivery) => receipts.filter(({ deliveryId }) => deliveryId === id);
    showList(io, found, {
      isJson: json,
      asJson: (delivery) => ({
        ...deliveryJson(delivery, receiptsOf(delivery), undefined),
        sender: delivery.sender,
      }),
      asLines: (delivery) => [deliveryLine(delivery)],
      none: noSuchDelivery,
    });
    return 0;
  },
};
