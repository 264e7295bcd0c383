/** What every operation of the exchange works with. Built once, in gateway.ts. */
import type { IdentitySchemes } from '../clients/identity-schemes/identity-scheme-registry.ts';
import type { Clock } from '../clock.ts';
import type { Queryable } from '../database/queryable.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerGrowth } from '../ledger/ledger-growth.ts';
import type { SchemaRegistry } from '../records/schema-registry.ts';
import type { ReadDossiers } from './dossier.ts';
import type { ReadLinks } from './known-links.ts';
import type { ReadStanding } from './standing.ts';

export interface Exchange {
  ledger: Ledger;
  /**
   * For reading beside the ledger, where nothing waits for it: connections of their own, of which each
   * statement may take a bounded time.
   */
  database: Queryable;
  /** For consumers that ask again and again: connections of their own, and how they wait for news. */
  feeds: { database: Queryable; growth: LedgerGrowth };
  readStanding: ReadStanding;
  readLinks: ReadLinks;
  readDossiers: ReadDossiers;
  schemas: SchemaRegistry;
  identitySchemes: IdentitySchemes;
  clock: Clock;
  /** Brings refusals at the door, which are written once a minute, into the ledger now. */
  writeRefusals(): Promise<void>;
  /** For entity tags, cursors and the digests of idempotent bodies. */
  macKey: Buffer;
  deliveries: {
    /** How long the gateway tries, in milliseconds. */
    lifeMs: number;
    /** Whether a newer version of a record takes the place of what was not delivered yet. */
    supersede: boolean;
    /** Told after the commit that put something into the outbox. Must not throw. */
    onEnqueued(): void;
  };
  limits: {
    failedTracesPerHour: number;
    failedTracesPerNumberPerHour: number;
  };
}
