/**
 * What the door knows of the register between requests. A notification is a hint; the version is read
 * every second besides. A register that could not be read for five seconds is not trusted any more: a
 * certificate may have been revoked meanwhile.
 */
import type { Clock } from '../clock.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Register } from './register.ts';
import { findRegisterVersion, loadRegister } from './register-store.ts';

export interface RegisterWatchOptions {
  queryable: Queryable;
  clock: Clock;
  /** The register has changed: look at open connections again. */
  onChange: (register: Register) => void;
  /** It could not be read for too long: close them. Called once until it can be read again. */
  onStale: () => void;
}

export const registerPollMs = 1_000;
const trustedForMs = 5_000;

export class RegisterWatch {
  readonly #options: RegisterWatchOptions;
  #register: Register | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #isStale = false;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RegisterWatchOptions) {
    this.#options = options;
  }

  /** Undefined where it was never read, or not for too long. */
  current(): Register | undefined {
    return this.#isTrusted() ? this.#register : undefined;
  }

  /** Reads the register; rejects where it cannot be read. */
  async start(): Promise<void> {
    await this.#read();
    this.#timer = setInterval(() => void this.look(), registerPollMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks whether anything changed. Never rejects; looks that come while one is under way share it. */
  look(): Promise<void> {
    this.#reading ??= this.#read()
      .catch(() => {
        if (this.#isTrusted() || this.#isStale) return;
        this.#isStale = true;
        this.#options.onStale();
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  #isTrusted(): boolean {
    return this.#options.clock.monotonicMs() - this.#readMs < trustedForMs;
  }

  async #read(): Promise<void> {
    const { queryable, clock, onChange } = this.#options;
    const startedMs = clock.monotonicMs();
    const version = await findRegisterVersion(queryable);
    const isNew = version !== this.#register?.version;
    if (isNew) this.#register = await loadRegister(queryable);
    this.#readMs = startedMs;
    this.#isStale = false;
    if (isNew && this.#register) onChange(this.#register);
  }
}
