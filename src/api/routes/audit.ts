/** The transfer log for auditors: search, and one event. Reading it is itself recorded. */
import type { AuditFilter } from '../../exchange/read-audit.ts';
import { actions, eventOutcomes } from '../../ledger/ledger-event.ts';
import type { Operations } from '../operations.ts';
import { eventIndexOf } from '../path-parameters.ts';
import { checkPeriod } from '../period.ts';
import { queryShape } from '../query.ts';
import { receiptAnswer } from '../receipt-answer.ts';
import type { Route } from '../route.ts';

const instant = { type: 'string', format: 'date-time', maxLength: 40 };

const searching = queryShape<AuditFilter & { limit?: number; after?: string }>({
  client: { type: 'string', pattern: '^c_[A-Za-z0-9_-]{1,64}$', description: 'Your own id.' },
  organisation: { type: 'string', pattern: '^[A-Z0-9]{3,10}$', description: 'ODS code.' },
  action: { type: 'string', enum: actions },
  outcome: { type: 'string', enum: eventOutcomes },
  reason: { type: 'string', pattern: '^[A-Z][A-Z_]{1,62}$', description: 'Any of the codes.' },
  recordType: { type: 'string', pattern: '^[a-z][a-z0-9-]{1,62}$' },
  from: { ...instant, description: 'Inclusive.' },
  until: { ...instant, description: 'Exclusive.' },
  limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
  after: { type: 'string', minLength: 1, maxLength: 1_024, description: '`next` of a page.' },
});

const reading = queryShape<{ log?: number }>({
  log: {
    type: 'integer',
    minimum: 1,
    maximum: 2_147_483_647,
    description: 'An earlier log by its number; the current one when absent.',
  },
});

const defaultLimit = 50;

type Needs = 'searchEvents' | 'readEvent';
export type AuditDeps = { operations: Pick<Operations, Needs> };

export function auditRoutes(deps: AuditDeps): readonly Route[] {
  return [searchRoute(deps), eventRoute(deps)];
}

function searchRoute(deps: AuditDeps): Route {
  return {
    method: 'GET',
    path: '/v1/audit/events',
    access: 'audit',
    action: 'audit.read',
    summary: 'Searches the transfer log, newest first.',
    query: searching,
    answers: {
      200: { body: 'EventsPage', means: 'A list `events`, and `next` for the page after it.' },
    },
    problems: ['NO_SHARING_AGREEMENT', 'CURSOR_INVALID', 'RESOURCE_NOT_FOUND'],
    async answer(call, { context }) {
      const { limit = defaultLimit, after, ...filter } = searching.read(call.search);
      checkPeriod(filter);
      const { searchEvents } = deps.operations;
      return receiptAnswer(
        await searchEvents({ context, filter, limit, ...(after !== undefined && { after }) }),
      );
    },
  };
}

function eventRoute(deps: AuditDeps): Route {
  return {
    method: 'GET',
    path: '/v1/audit/events/{index}',
    access: 'audit',
    action: 'audit.read',
    summary: 'One event of the transfer log by its index.',
    query: reading,
    answers: { 200: { body: 'Event', means: 'The event.' } },
    problems: ['NO_SHARING_AGREEMENT', 'RESOURCE_NOT_FOUND'],
    async answer(call, { context }) {
      const which = reading.read(call.search);
      const index = eventIndexOf(call);
      return receiptAnswer(await deps.operations.readEvent({ context, index, ...which }));
    },
  };
}
