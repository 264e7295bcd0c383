/**
 * Refusals that no piece of work records itself, on their way to the ledger. Whoever sends what is refused
 * decides how often, so they are summed per minute, reason and source, bounded in number, and never take places
 * from disclosures: one writer work for all of a minute. Strangers never take places from partners either.
 */
import type { Clock } from '../clock.ts';
import type { Ledger } from './ledger.ts';
import { amongMany, keyOf, type Refusal, type RefusalSum, toEvent } from './refusal.ts';

interface Sums {
  /** Of organisations in the register. */
  partners: Map<string, RefusalSum>;
  strangers: Map<string, RefusalSum>;
}

/** Of partners and of strangers each; those beyond it, until they are written, are counted together. */
const maxSums = 500;
const refusalFlushMs = 60_000;
/** The first of its kind is written soon, so that an auditor who is being shown it need not wait. */
const firstFlushMs = 1_000;

export class SummedRefusals {
  readonly #ledger: Pick<Ledger, 'write'>;
  readonly #clock: Clock;
  #sums = noSums();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #lastFlushMs = Number.NEGATIVE_INFINITY;

  constructor(ledger: Pick<Ledger, 'write'>, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  add(refusal: Refusal): void {
    const at = this.#clock.now().toISOString();
    gather(this.#sums, { refusal, count: 1, firstAt: at, lastAt: at });
    this.#schedule();
  }

  /** Writes what has gathered. What the ledger does not take stays for the next time. */
  async flush(): Promise<void> {
    // what others are writing already, the caller wants to find in the ledger too
    while (this.#writing) await this.#writing;
    this.#writing = this.#write();
    await this.#writing;
    this.#writing = undefined;
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sums = this.#sums;
    if (all(sums).length === 0) return;
    this.#sums = noSums();
    this.#lastFlushMs = this.#clock.monotonicMs();
    try {
      const events = all(sums).map(toEvent);
      await this.#ledger.write(async () => ({ events, answer: () => undefined }));
    } catch {
      for (const sum of all(this.#sums)) gather(sums, sum);
      this.#sums = sums;
      this.#schedule();
    }
  }

  #schedule(): void {
    if (this.#timer) return;
    const sinceMs = this.#clock.monotonicMs() - this.#lastFlushMs;
    const waitMs = Math.max(firstFlushMs, refusalFlushMs - sinceMs);
    this.#timer = setTimeout(() => void this.flush(), waitMs);
    this.#timer.unref();
  }
}

function noSums(): Sums {
  return { partners: new Map(), strangers: new Map() };
}

function all({ partners, strangers }: Sums): RefusalSum[] {
  return [...partners.values(), ...strangers.values()];
}

/** Adds a later sum to those that are there; where there is no place for it, to what it has with others. */
function gather({ partners, strangers }: Sums, sum: RefusalSum): void {
  const sums = sum.refusal.organisation === null ? strangers : partners;
  const own = keyOf(sum.refusal);
  const isOwn = sums.has(own) || sums.size < maxSums;
  const refusal = isOwn ? sum.refusal : amongMany(sum.refusal);
  const key = isOwn ? own : keyOf(refusal);
  const earlier = sums.get(key);
  sums.set(
    key,
    earlier
      ? { ...earlier, count: earlier.count + sum.count, lastAt: sum.lastAt }
      : { ...sum, refusal },
  );
}
