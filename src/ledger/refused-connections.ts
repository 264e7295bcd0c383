/**
 * Refusals at the door, on their way to the ledger. They come from strangers, so they are summed per
 * minute, reason and source, bounded in number, and never take places from disclosures: one writer work
 * for all of a minute.
 */
import type { Clock } from '../clock.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerEvent, ledgerEvent } from './ledger-event.ts';

export interface RefusedConnection {
  /** The door's code. */
  code: string;
  /** Source address. */
  source: string;
  certificate: { fingerprint256: string; serial: string } | undefined;
  /** Of a registered certificate. */
  organisation: string | null;
}

interface Sum {
  refused: RefusedConnection;
  count: number;
  firstAt: string;
  lastAt: string;
}

/** Sources beyond this within a minute are counted together. */
const maxSums = 500;
const refusalFlushMs = 60_000;
/** The first of its kind is written soon, so that an auditor who is being shown it need not wait. */
const firstFlushMs = 1_000;

export class RefusedConnections {
  readonly #ledger: Pick<Ledger, 'write'>;
  readonly #clock: Clock;
  #sums = new Map<string, Sum>();
  #timer: NodeJS.Timeout | undefined;
  #lastFlushMs = Number.NEGATIVE_INFINITY;

  constructor(ledger: Pick<Ledger, 'write'>, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  add(refused: RefusedConnection): void {
    const at = this.#clock.now().toISOString();
    const fingerprint = refused.certificate?.fingerprint256 ?? '';
    const own = `${refused.code} ${refused.source} ${fingerprint}`;
    const isKnown = this.#sums.has(own) || this.#sums.size < maxSums;
    const key = isKnown ? own : refused.code;
    const sum = this.#sums.get(key);
    if (sum) {
      sum.count += 1;
      sum.lastAt = at;
    } else {
      const counted = isKnown ? refused : { ...refused, source: 'many', certificate: undefined };
      this.#sums.set(key, { refused: counted, count: 1, firstAt: at, lastAt: at });
    }
    this.#schedule();
  }

  /** Writes what has gathered. What the ledger does not take stays for the next time. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sums.size === 0) return;
    const sums = this.#sums;
    this.#sums = new Map();
    this.#lastFlushMs = this.#clock.monotonicMs();
    try {
      const events = [...sums.values()].map(toEvent);
      await this.#ledger.write(async () => ({ events, answer: () => undefined }));
    } catch {
      for (const [key, sum] of this.#sums) {
        const earlier = sums.get(key);
        sums.set(key, earlier ? { ...sum, count: sum.count + earlier.count } : sum);
      }
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

function toEvent({ refused, count, firstAt, lastAt }: Sum): LedgerEvent {
  const { code, source, certificate, organisation } = refused;
  return ledgerEvent({
    action: 'door.refused',
    outcome: 'refused',
    organisation,
    certificate: certificate ? `sha-256:${certificate.fingerprint256}` : null,
    reasonCodes: [code],
    particulars: { source, serial: certificate?.serial ?? null, count, firstAt, lastAt },
  });
}
