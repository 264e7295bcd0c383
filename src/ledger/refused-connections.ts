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

/** Sources beyond this, until they are written, are counted together by code. */
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
    gather(this.#sums, { refused, count: 1, firstAt: at, lastAt: at });
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
      for (const sum of this.#sums.values()) gather(sums, sum);
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

/** Adds a later sum to those that are there; where there is no place for its source, to that of its code. */
function gather(sums: Map<string, Sum>, sum: Sum): void {
  const own = keyOf(sum.refused);
  const isOwn = sums.has(own) || sums.size < maxSums;
  const refused = isOwn ? sum.refused : ofMany(sum.refused);
  const key = isOwn ? own : keyOf(refused);
  const earlier = sums.get(key);
  sums.set(
    key,
    earlier
      ? { ...earlier, count: earlier.count + sum.count, lastAt: sum.lastAt }
      : { ...sum, refused },
  );
}

function keyOf({ code, source, certificate }: RefusedConnection): string {
  return `${code} ${source} ${certificate?.fingerprint256 ?? ''}`;
}

/** Says of nobody in particular that it was refused. */
function ofMany({ code }: RefusedConnection): RefusedConnection {
  return { code, source: 'many', certificate: undefined, organisation: null };
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
