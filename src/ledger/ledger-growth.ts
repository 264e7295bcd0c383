/**
 * Waiting for the ledger to grow, without anybody asking the database: this node's commits are told at once,
 * other nodes' by whoever reads the head anyway. What has grown is not said; those who wait look for themselves.
 */
export interface LedgerSize {
  log: number;
  size: number;
}

interface Waiting {
  size: number;
  wake(hasGrown: boolean): void;
}

export class LedgerGrowth {
  readonly #waiting = new Set<Waiting>();
  #known: LedgerSize = { log: 0, size: 0 };
  #ended = false;

  /** What was read or committed; older news changes nothing. Must not throw. */
  note({ log, size }: LedgerSize): void {
    const known = this.#known;
    const isOther = log > known.log;
    if (!isOther && (log < known.log || size <= known.size)) return;
    this.#known = { log, size };
    for (const waiting of this.#waiting) if (isOther || size > waiting.size) waiting.wake(true);
  }

  /**
   * True once the ledger has more than `size` entries, or another log has begun; false when the time is over,
   * the signal is aborted or the gateway stops. Never rejects.
   */
  waitBeyond(size: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.#ended || signal?.aborted) return Promise.resolve(false);
    if (this.#known.size > size) return Promise.resolve(true);
    return new Promise((resolve) => {
      const wake = (hasGrown: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        this.#waiting.delete(waiting);
        resolve(hasGrown);
      };
      const giveUp = () => wake(false);
      const waiting = { size, wake };
      const timer = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiting);
    });
  }

  /** Ends every wait, and those that are yet to come. */
  end(): void {
    this.#ended = true;
    for (const { wake } of this.#waiting) wake(false);
  }
}
