/**
 * Signs what was committed, at most once a second, and knows whether the ledger may be written at all.
 * Any number of nodes may run one: they sign the same bytes (RFC 8032 is deterministic). Order of writes:
 * the file outside the database first, then the database, so that nothing is published which the file
 * would not defend.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/database.ts';
import type { Queryable } from '../database/queryable.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { keepCheckpoint, readCheckpointFile } from './checkpoint-file.ts';
import { checkKeptContinuity, type LedgerWitness } from './kept-continuity.ts';
import { type Continuity, extendVerified, type VerifiedTree } from './ledger-continuity.ts';
import { signLogCheckpoint } from './log-checkpoint.ts';
import { insertCheckpoint, tryPublisherLock } from './log-store.ts';

export type CheckpointObservation =
  | { kind: 'checkpoint.signed'; size: number }
  | { kind: 'checkpoint.failed'; error: unknown }
  /** The database does not extend what was signed: what the operator is told of it. */
  | { kind: 'checkpoint.refused'; reason: string }
  /** It failed or was refused again, for the same cause as at the tick before. */
  | { kind: 'checkpoint.failing' }
  /** After failures: everything is signed again. */
  | { kind: 'checkpoint.resumed' }
  /** The database had to be believed as it was found. `text` is a constant. */
  | { kind: 'checkpoint.unwitnessed'; text: string };

export interface CheckpointPublisherOptions extends LedgerWitness {
  database: Database;
  clock: Clock;
  /** Must not throw. */
  observe: (observation: CheckpointObservation) => void;
  /** Default 1,000. */
  intervalMs?: number;
}

export class CheckpointPublisher {
  readonly #options: CheckpointPublisherOptions;
  #continuity: Continuity = {
    extends: false,
    cause: 'unchecked',
    reason: 'The ledger has not been checked yet.',
  };
  #succeededMs: number;
  #isUnwitnessed = false;
  /** What the last tick failed of. */
  #cause: string | undefined;
  /** The tree whose checkpoint is both in the file and in the database. */
  #published: VerifiedTree | undefined;
  #ticking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CheckpointPublisherOptions) {
    this.#options = options;
    this.#succeededMs = options.clock.monotonicMs();
  }

  /** As of the last tick that could read the database. */
  get continuity(): Continuity {
    return this.#continuity;
  }

  /** Since the last tick that left nothing unsigned; before there was one, since the publisher was made. */
  get sinceSuccessMs(): number {
    return this.#options.clock.monotonicMs() - this.#succeededMs;
  }

  /** Whether the database once had to be believed, for want of a checkpoint file. */
  get isUnwitnessed(): boolean {
    return this.#isUnwitnessed;
  }

  /** Resolves after the first tick, whatever it found. */
  async start(): Promise<void> {
    await this.tick();
    this.#timer = setInterval(() => void this.tick(), this.#options.intervalMs ?? 1_000);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#ticking;
  }

  /** Checks, and signs where there is something new. Never throws; one that is under way is joined. */
  tick(): Promise<void> {
    this.#ticking ??= this.#checkAndSign()
      .then(
        (refusal) => {
          if (refusal === undefined) return this.#succeeded();
          const { cause, reason } = refusal;
          this.#failed(cause, { kind: 'checkpoint.refused', reason });
        },
        (error: unknown) => this.#failed(causeOf(error), { kind: 'checkpoint.failed', error }),
      )
      .finally(() => {
        this.#ticking = undefined;
      });
    return this.#ticking;
  }

  /**
   * For a connection that was just made, which may lead to another server than the one before. Throws
   * GATEWAY_CLOSED where that one does not extend what was signed.
   */
  async requireContinuity(queryable: Queryable): Promise<void> {
    const continuity = await this.#check(queryable);
    if (!continuity.extends)
      throw new GatewayError('GATEWAY_CLOSED', { detail: continuity.reason });
  }

  /** Told where it is another cause than at the tick before, and counted at every tick. */
  #failed(cause: string, observation: CheckpointObservation): void {
    this.#options.observe(cause === this.#cause ? { kind: 'checkpoint.failing' } : observation);
    this.#cause = cause;
  }

  #succeeded(): void {
    if (this.#cause !== undefined) this.#options.observe({ kind: 'checkpoint.resumed' });
    this.#cause = undefined;
  }

  /**
   * Gives what is wrong where there must be no signature; undefined where nothing is left unsigned, or where a
   * neighbour is at it, of which only a minute without success tells that it is not.
   */
  async #checkAndSign(): Promise<Extract<Continuity, { extends: false }> | undefined> {
    this.#continuity = await this.#check(this.#options.database);
    if (!this.#continuity.extends) return this.#continuity;
    const { tree, notice } = this.#continuity;
    if (notice !== undefined && !this.#isUnwitnessed) {
      this.#isUnwitnessed = true;
      this.#options.observe({ kind: 'checkpoint.unwitnessed', text: notice });
    }
    const { log, frontier } = this.#published ?? {};
    const isPublished = log === tree.log && frontier?.size === tree.frontier.size;
    if (isPublished || (await this.#publish(tree))) {
      this.#succeededMs = this.#options.clock.monotonicMs();
    }
    return undefined;
  }

  async #check(queryable: Queryable): Promise<Continuity> {
    const known = this.#continuity;
    const tree = known.extends ? await extendVerified(queryable, known.tree) : undefined;
    return tree ? { extends: true, tree } : checkKeptContinuity(queryable, this.#options);
  }

  /** Whether nothing of the tree is left unsigned: by this node or by a neighbour. */
  async #publish(tree: VerifiedTree): Promise<boolean> {
    const { database, signer, checkpointFile, observe } = this.#options;
    const { log, root } = tree;
    const { size } = tree.frontier;
    const outcome = await database.transaction(async (tx) => {
      // of a neighbour, or of anybody who can connect and would have it that nothing is signed
      if (!(await tryPublisherLock(tx))) return 'locked';
      const kept = await readCheckpointFile(checkpointFile, signer);
      // a neighbour that shares the file may be ahead of what this node read
      if (kept?.log === log && kept.size > size) return 'outrun';
      const checkpoint = signLogCheckpoint(signer, { log, size, root });
      if (kept?.note !== checkpoint.note) await keepCheckpoint(checkpointFile, checkpoint);
      // who ended between file and row left one that somebody may have a copy of
      if (kept?.log === log) await insertCheckpoint(tx, kept);
      await insertCheckpoint(tx, checkpoint);
      return 'signed';
    });
    if (outcome !== 'signed') return outcome === 'outrun';
    this.#published = tree;
    observe({ kind: 'checkpoint.signed', size });
    return true;
  }
}

/** What an error is told apart by: its class and code, since messages vary with the attempt. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return 'code' in error ? `${error.name} ${error.code}` : error.name;
}
