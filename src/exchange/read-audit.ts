/**
 * The transfer log for auditors. Each event names the person by the reader's own id, which says nothing
 * about who that is until the reader traces them; reading is itself recorded.
 */
import { randomBytes } from 'node:crypto';
import { findClientsOfPersons, insertLinks } from '../clients/link-store.ts';
import { openToken, sealToken } from '../encoding/opaque-token.ts';
import { type EventFilter, type FoundEvent, findEvent, findEvents } from '../ledger/event-store.ts';
import type { Action, EventOutcome } from '../ledger/ledger-event.ts';
import { authorise } from './authorise.ts';
import type { RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { getOwnClient, notFound } from './own-client.ts';
import { performWrite, type WriteScope } from './perform-write.ts';
import type { Receipt } from './receipt.ts';

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

const cursorPurpose = 'audit-events';

/** Newest first, refusals at the door up to this moment among them. */
export async function searchEvents(
  exchange: Exchange,
  request: { context: RequestContext; filter: AuditFilter; limit: number; after?: string },
): Promise<Receipt> {
  const { context, filter, limit, after } = request;
  await exchange.writeRefusals();
  return performWrite(exchange, {
    context,
    action: 'audit.read',
    event: { particulars: { filter: { ...filter }, limit } },
    idempotency: undefined,
    async authorise(scope) {
      authorise(scope, context, ['audit']);
      return await toEventFilter(scope, context, filter);
    },
    async effect(scope, eventFilter) {
      const before = after === undefined ? undefined : openPosition(exchange.macKey, after);
      // one more than asked, to know whether there is a next page
      const found = await findEvents(scope.tx, eventFilter, { before, limit: limit + 1 });
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      const next = last ? sealPosition(exchange.macKey, last) : null;
      return {
        receipt: { status: 200, body: { events: await toJson(scope, context, page), next } },
      };
    },
  });
}

/** One event of the current log, or of an earlier one by its number. */
export function readEvent(
  exchange: Exchange,
  request: { context: RequestContext; index: number; log?: number },
): Promise<Receipt> {
  const { context, index, log } = request;
  return performWrite(exchange, {
    context,
    action: 'audit.read',
    event: { particulars: { index, log: log ?? null } },
    idempotency: undefined,
    async authorise(scope) {
      authorise(scope, context, ['audit']);
    },
    async effect(scope) {
      const found = await findEvent(scope.tx, log ?? scope.moment.log, index);
      const [event] = found ? await toJson(scope, context, [found]) : [];
      if (!event) throw notFound('EVENT_UNKNOWN');
      return { receipt: { status: 200, body: event } };
    },
  });
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
  { tx }: WriteScope,
  { caller }: RequestContext,
  found: readonly FoundEvent[],
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const persons = [...new Set(found.flatMap(({ payload }) => payload.person ?? []))];
  const clients = await ownClients(tx, caller.odsCode, persons);
  return found.map(({ log, index, payload }) => {
    const { person, ...event } = payload;
    const { decision, reasonCodes } = event;
    return {
      index,
      log,
      ...event,
      decision: decision && { ...decision, reasonCodes },
      client: person ? (clients.get(person) ?? null) : null,
    };
  });
}

/** The reader's ids for people; who has none yet gets one that confirms nothing. */
async function ownClients(tx: WriteScope['tx'], organisation: string, persons: readonly string[]) {
  const held = await findClientsOfPersons(tx, organisation, persons);
  const missing = persons.filter((personId) => !held.has(personId));
  if (missing.length === 0) return held;
  const client = () => `c_${randomBytes(16).toString('base64url')}`;
  await insertLinks(
    tx,
    missing.map((personId) => ({ client: client(), organisation, personId })),
  );
  return findClientsOfPersons(tx, organisation, persons);
}

function sealPosition(macKey: Buffer, { log, index }: FoundEvent): string {
  return sealToken(macKey, cursorPurpose, `${log} ${index}`);
}

function openPosition(macKey: Buffer, token: string): { log: number; index: number } {
  const [log, index] = openToken(macKey, cursorPurpose, token).split(' ').map(Number);
  return { log: log ?? 0, index: index ?? 0 };
}
