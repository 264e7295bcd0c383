/**
 * The transfer log for auditors. Each event names the person by the reader's own id, which says nothing
 * about who that is until the reader traces them; reading is itself recorded.
 */
import { newClientId } from '../clients/client-id.ts';
import { findClientsOfPersons, insertLinks } from '../clients/link-store.ts';
import { documentDigest } from '../encoding/document-digest.ts';
import { openToken, sealToken } from '../encoding/opaque-token.ts';
import {
  type EventFilter,
  type FoundEvent,
  findEvent,
  findEvents,
  hasEvent,
} from '../ledger/event-store.ts';
import type { Action, EventOutcome } from '../ledger/ledger-event.ts';
import { recordAuditReading } from './audit-reading.ts';
import type { RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { getOwnClient, notFound } from './own-client.ts';
import type { WriteScope } from './perform-write.ts';
import type { Receipt } from './receipt.ts';
import { withinLimits } from './within-limits.ts';

/** As an auditor asks; times RFC 3339, `until` exclusive. */
export interface AuditFilter {
  client?: string;
  organisation?: string;
  action?: Action;
  outcome?: EventOutcome;
  reason?: string;
  recordType?: string;
  from?: string;
  until?: string;
}

/** A cursor is good for the question that it came with alone. */
function cursorOf(filter: AuditFilter): string {
  return `audit-events ${documentDigest(filter)}`;
}

/** Newest first, refusals at the door up to this moment among them. */
export async function searchEvents(
  exchange: Exchange,
  request: { context: RequestContext; filter: AuditFilter; limit: number; after?: string },
): Promise<Receipt> {
  const { context, filter, limit, after } = request;
  await exchange.writeRefusals();
  const { target, entry } = await recordAuditReading(exchange, {
    context,
    particulars: { filter: { ...filter }, limit },
    async resolve(scope) {
      const before =
        after === undefined ? undefined : openPosition(exchange.macKey, cursorOf(filter), after);
      return { before, filter: await toEventFilter(scope, context, filter) };
    },
  });
  const before = target.before ?? entry;
  // one more than asked, to know whether there is a next page
  const found = await withinLimits(
    findEvents(exchange.database, target.filter, { before, limit: limit + 1 }),
  );
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const next = last ? sealPosition(exchange.macKey, cursorOf(filter), last) : null;
  const events = await toJson(exchange, context, page);
  const ledgerIndex = entry.index;
  return { status: 200, body: { events, next, ledgerIndex }, ledgerIndex };
}

/** One event of the current log, or of an earlier one by its number. */
export async function readEvent(
  exchange: Exchange,
  request: { context: RequestContext; index: number; log?: number },
): Promise<Receipt> {
  const { context, index, log } = request;
  const { target, entry } = await recordAuditReading(exchange, {
    context,
    particulars: { index, log: log ?? null },
    async resolve({ tx, moment }) {
      const position = { log: log ?? moment.log, index };
      if (!(await hasEvent(tx, position))) throw notFound('EVENT_UNKNOWN');
      return position;
    },
  });
  const found = await withinLimits(findEvent(exchange.database, target.log, target.index));
  const [event] = found ? await toJson(exchange, context, [found]) : [];
  if (!event) throw notFound('EVENT_UNKNOWN').recordedAt(entry.index);
  const ledgerIndex = entry.index;
  return { status: 200, body: { ...event, ledgerIndex }, ledgerIndex };
}

async function toEventFilter(
  scope: WriteScope,
  context: RequestContext,
  { client, from, until, ...rest }: AuditFilter,
): Promise<EventFilter> {
  const person = client === undefined ? undefined : await getOwnClient(scope, context, client);
  return {
    ...rest,
    ...(person && { personId: person.personId }),
    ...(from !== undefined && { from: new Date(from) }),
    ...(until !== undefined && { until: new Date(until) }),
  };
}

async function toJson(
  exchange: Exchange,
  { caller }: RequestContext,
  found: readonly FoundEvent[],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const persons = [...new Set(found.flatMap(({ payload }) => payload.person ?? []))];
  const clients = await ownClients(exchange, caller.odsCode, persons);
  return found.map(({ log, index, payload }) => {
    const { person, ...event } = payload;
    return { index, log, ...event, client: person ? (clients.get(person) ?? null) : null };
  });
}

/** The reader's ids for people; who has none yet gets one that confirms nothing. */
async function ownClients(
  { ledger, database }: Exchange,
  organisation: string,
  persons: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const held = await withinLimits(findClientsOfPersons(database, organisation, persons));
  const missing = persons.filter((personId) => !held.has(personId));
  if (missing.length === 0) return held;
  const links = missing.map((personId) => ({ client: newClientId(), organisation, personId }));
  return ledger.write(async (tx) => {
    await insertLinks(tx, links);
    const clients = await findClientsOfPersons(tx, organisation, persons);
    return { events: [], answer: () => clients };
  }, organisation);
}

function sealPosition(macKey: Buffer, purpose: string, { log, index }: FoundEvent): string {
  return sealToken(macKey, purpose, `${log} ${index}`);
}

function openPosition(
  macKey: Buffer,
  purpose: string,
  token: string,
): { log: number; index: number } {
  const [log, index] = openToken(macKey, purpose, token).split(' ').map(Number);
  return { log: log ?? 0, index: index ?? 0 };
}
