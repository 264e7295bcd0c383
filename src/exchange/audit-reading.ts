/**
 * Reading the audit trail begins with an entry that says so. Only then, and without the head's lock, is
 * anything read: a search may take seconds, and disclosures must not wait for it. What it reads stands below
 * the entry's own index, where nothing changes any more.
 */
import type { LedgerPosition } from '../ledger/event-store.ts';
import type { JsonObject } from '../ledger/ledger-event.ts';
import { authorise } from './authorise.ts';
import type { RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { performReading } from './perform-reading.ts';
import type { WriteScope } from './perform-write.ts';

export interface AuditReading<Target> {
  target: Target;
  /** The entry that records it. */
  entry: LedgerPosition;
}

export interface AuditReadingRequest<Target> {
  context: RequestContext;
  /** What was asked, for the entry. */
  particulars: JsonObject;
  /** Under the lock, so only what an index answers. Throws the refusal, which is recorded instead. */
  resolve(scope: WriteScope): Promise<Target>;
}

/** Throws NO_SHARING_AGREEMENT. */
export function recordAuditReading<Target>(
  exchange: Exchange,
  { context, particulars, resolve }: AuditReadingRequest<Target>,
): Promise<AuditReading<Target>> {
  return performReading(exchange, {
    context,
    action: 'audit.read',
    event: { particulars },
    authorise(scope) {
      authorise(scope, context, ['audit']);
      return resolve(scope);
    },
    async effect({ moment }, target, tell) {
      tell({ target, entry: { log: moment.log, index: moment.index } });
      return { receipt: { status: 200, body: {} } };
    },
  });
}
