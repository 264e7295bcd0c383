/** The child's end of child.ts: a report to each order, and the end of the process with its parent's. */
import { on } from 'node:events';

/** `stop` runs before the process ends. */
export async function performOrders<Order, Report extends object>(
  perform: (order: Order) => Promise<Report>,
  stop: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  process.once('disconnect', () => {
    void stop().finally(() => process.exit());
  });
  for await (const orders of on(process, 'message')) {
    const [order]: Order[] = orders;
    if (order !== undefined) process.send?.(await perform(order));
  }
}
