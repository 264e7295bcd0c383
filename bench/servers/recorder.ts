/**
 * The floor of what the gateway promises: the echo, but no answer leaves before an entry for it is committed, pooled
 * as the gateway pools. Nobody is identified, nothing is read or decided: every entry says the same of one person.
 */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/clock.ts';
import { openDedicatedConnection } from '../../src/database/dedicated-connection.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { ledgerEvent } from '../../src/ledger/ledger-event.ts';
import { ledgerTransactions } from '../../src/ledger/ledger-transactions.ts';
import { ledgerLimits } from '../support/local-exchange.ts';
import { performOrders } from '../support/orders.ts';
import { type BareServerOrder, bareServer, jsonType, listen } from './bare-server.ts';

export interface RecorderOrder extends BareServerOrder {
  body: string;
  url: string;
}

const person = randomUUID();

/** Of about half the length of a real one. */
function entry(request: string) {
  return ledgerEvent({
    ...{ action: 'record.disclosed', outcome: 'permitted', request, person },
    ...{ organisation: 'X81001', recordType: 'social-care-summary', custodian: 'X09SC' },
    ...{ purpose: 'TREAT', role: 'system', reasonCodes: ['EXPLICIT_CONSENT'] },
  });
}

await performOrders(async ({ body, url, ...order }: RecorderOrder) => {
  const app = bareServer(order);
  const connection = openDedicatedConnection({ url, applicationName: 'jetway bench' });
  const transactions = ledgerTransactions({ connection, clock: systemClock, observe() {} });
  const record = new Ledger(transactions, ledgerLimits).batch<string, number>(
    async (_tx, _moment, requests) =>
      requests.map((request) => ({ events: [entry(request)], answer: (index) => index })),
  );
  app.get('/*', async (_request, reply) => {
    const index = await record(randomUUID());
    return reply.header('content-type', jsonType).header('ledger-index', String(index)).send(body);
  });
  return listen(app);
});
