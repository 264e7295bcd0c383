/** What stands at the moment of a scrape, where an observation tells what happened. */
import { Gauge, type Registry } from 'prom-client';

/** Asked at each scrape: synchronous, from memory. */
export interface Levels {
  /** Connections open at the exchange door. */
  connections(): number;
  /** Requests that wait for a ledger transaction. */
  waiting(): number;
  isOpen(): boolean;
}

export function addLevels(registry: Registry, levels: Levels): void {
  const gauges: readonly [name: string, help: string, read: () => number][] = [
    ['jetway_door_connections', 'Connections open at the exchange door.', levels.connections],
    ['jetway_ledger_waiting', 'Requests that wait for a ledger transaction.', levels.waiting],
    [
      'jetway_exchange_open',
      '1 while the exchange door lets anybody in, 0 while it is shut.',
      () => Number(levels.isOpen()),
    ],
  ];
  for (const [name, help, read] of gauges) {
    const gauge: Gauge = new Gauge({
      ...{ name, help, registers: [registry] },
      collect: () => gauge.set(read()),
    });
  }
}
