/** The gateway as it is, everything on, in a process of its own. */
import { loadConfig } from '../../src/config/load-config.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { performOrders } from '../support/orders.ts';

export interface GatewayOrder {
  environment: Readonly<Record<string, string>>;
}

let gateway: Gateway | undefined;

await performOrders(
  async ({ environment }: GatewayOrder) => {
    gateway = await startGateway(loadConfig(environment));
    return { port: Number(new URL(gateway.exchangeUrl).port) };
  },
  async () => gateway?.stop(),
);
