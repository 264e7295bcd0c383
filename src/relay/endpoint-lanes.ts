/**
 * The connections of this node to one endpoint: opened when there is something to deliver, kept while they are
 * used, reserved for a delivery before it is authorised.
 */
import type { Clock } from '../clock.ts';
import type { Endpoint } from '../participants/endpoint.ts';
import { afterFailure, allowance, type Breaker, closedBreaker } from './circuit-breaker.ts';
import type { ConnectFailure } from './delivery-failure.ts';
import type { EndpointConnection, Opened } from './endpoint-connection.ts';

export interface EndpointLanesOptions {
  endpoint: Endpoint;
  open(endpoint: Endpoint): Promise<Opened>;
  maxConnections: number;
  clock: Clock;
  /** A connection stands open, or is free again after it was used. */
  onFree(): void;
  onFailed(code: ConnectFailure): void;
  /** A fault of ours: no connection can come about. */
  onFault(error: unknown): void;
}

export class EndpointLanes {
  readonly #options: EndpointLanesOptions;
  readonly #idle = new Set<EndpointConnection>();
  readonly #reserved = new Set<EndpointConnection>();
  readonly #opening = new Set<Promise<void>>();
  #breaker: Breaker = closedBreaker;
  #isClosed = false;

  constructor(options: EndpointLanesOptions) {
    this.#options = options;
  }

  get endpoint(): Endpoint {
    return this.#options.endpoint;
  }

  /** How many deliveries more may be under way. */
  get room(): number {
    const { clock, maxConnections } = this.#options;
    const most = allowance(this.#breaker, clock.monotonicMs(), maxConnections);
    return Math.max(0, most - this.#reserved.size);
  }

  /** Opens what is missing for so many deliveries. Returns at once. */
  prepare(wanted: number): void {
    for (const connection of this.#idle) {
      // one that has grown old, or that its peer has left
      if (connection.isFree) continue;
      this.#idle.delete(connection);
      connection.close();
    }
    const missing = Math.min(wanted, this.room) - this.#idle.size - this.#opening.size;
    for (let count = 0; count < missing; count += 1) {
      const opening = this.#open().finally(() => this.#opening.delete(opening));
      this.#opening.add(opening);
    }
  }

  /** Those that are being opened. */
  get opening(): readonly Promise<void>[] {
    return [...this.#opening];
  }

  /** Takes open connections, so many at the most. Each comes back by `release`. */
  reserve(most: number): EndpointConnection[] {
    const free = [...this.#idle].filter(({ isFree }) => isFree).slice(0, Math.min(most, this.room));
    for (const connection of free) {
      this.#idle.delete(connection);
      this.#reserved.add(connection);
    }
    return free;
  }

  /** Unused: that is no news to anybody. */
  giveBack(connection: EndpointConnection): void {
    this.#reserved.delete(connection);
    if (connection.isFree && !this.#isClosed) this.#idle.add(connection);
    else connection.close();
  }

  /** Used. `failed` where the endpoint is to blame, `neither` where nothing was learnt of it. */
  release(connection: EndpointConnection, outcome: 'well' | 'failed' | 'neither'): void {
    if (outcome === 'well') this.#breaker = closedBreaker;
    if (outcome === 'failed') this.#fail();
    this.giveBack(connection);
    this.#options.onFree();
  }

  /** At once: what is under way ends as failed. */
  close(): void {
    this.#isClosed = true;
    for (const connection of [...this.#idle, ...this.#reserved]) connection.close();
  }

  async #open(): Promise<void> {
    const { endpoint, open, onFault } = this.#options;
    const opened = await open(endpoint).catch((error: unknown) => {
      this.#fail();
      onFault(error);
    });
    if (!opened) return;
    if (opened.kind === 'failed') {
      this.#fail();
      this.#options.onFailed(opened.code);
      this.#options.onFree();
      return;
    }
    const { connection } = opened;
    if (this.#isClosed) return connection.close();
    connection.onClosed = () => this.#idle.delete(connection);
    this.#idle.add(connection);
    this.#options.onFree();
  }

  #fail(): void {
    this.#breaker = afterFailure(this.#breaker, this.#options.clock.monotonicMs(), Math.random());
  }
}
