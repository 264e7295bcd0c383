/**
 * The register and the agreements as a node knows them between requests: for the door, and for what is
 * not decided under the ledger's lock. A notification is a hint; the versions are read every second
 * besides. What could not be read for five seconds is not trusted any more: a certificate may have been
 * revoked meanwhile.
 */
import type { Clock } from '../clock.ts';
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { LedgerSize } from '../ledger/ledger-growth.ts';
import { getHead } from '../ledger/ledger-store.ts';
import type { Register } from '../participants/register.ts';
import { type Standing, standingReader } from './standing.ts';

export interface StandingWatchOptions {
  queryable: Queryable;
  clock: Clock;
  /** The register has changed: look at open connections again. */
  onChange: (register: Register) => void;
  /** Nothing could be read for too long: close them. Called once until it can be read again. */
  onStale: () => void;
  /** The ledger's head as it was read, every second. Must not throw. */
  onHead?: (ledger: LedgerSize) => void;
}

const pollMs = 1_000;
const trustedForMs = 5_000;

export class StandingWatch {
  readonly #options: StandingWatchOptions;
  readonly #read = standingReader();
  #standing: Standing | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #isStale = false;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StandingWatchOptions) {
    this.#options = options;
  }

  /** Undefined where it was never read, or not for too long. */
  get current(): Standing | undefined {
    return this.#isTrusted() ? this.#standing : undefined;
  }

  /** Throws LEDGER_UNAVAILABLE where there is none to trust. */
  require(): Standing {
    const standing = this.current;
    if (!standing) throw new GatewayError('LEDGER_UNAVAILABLE', { retryAfterSeconds: 2 });
    return standing;
  }

  /** Rejects where the first look fails. */
  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => void this.look(), pollMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Looks whether anything changed. Never rejects; one that is under way is joined. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch(() => {
        if (this.#isTrusted() || this.#isStale) return;
        this.#isStale = true;
        this.#options.onStale();
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  #isTrusted(): boolean {
    return this.#options.clock.monotonicMs() - this.#readMs < trustedForMs;
  }

  async #look(): Promise<void> {
    const { queryable, clock, onChange, onHead } = this.#options;
    const startedMs = clock.monotonicMs();
    const known = this.#standing?.register;
    const head = await getHead(queryable);
    onHead?.({ log: head.log, size: head.frontier.size });
    this.#standing = await this.#read(queryable, head);
    this.#readMs = startedMs;
    this.#isStale = false;
    if (this.#standing.register !== known) onChange(this.#standing.register);
  }
}
