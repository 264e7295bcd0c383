/** The exchange's operations as the routes call them; each route takes only those that it needs. */
import type { Exchange } from '../exchange/exchange.ts';
import { listConsents } from '../exchange/list-consents.ts';
import { publishRecord, retractRecord } from '../exchange/publish-record.ts';
import { recordPuller } from '../exchange/pull-record.ts';
import { readEvent, searchEvents } from '../exchange/read-audit.ts';
import { readChanges } from '../exchange/read-changes.ts';
import { evidenceConsent, recordConsent, withdrawConsent } from '../exchange/record-consent.ts';
import { recordFacts } from '../exchange/record-facts.ts';
import { recordOverride } from '../exchange/record-override.ts';
import { recordRefusal } from '../exchange/record-refusal.ts';
import { traceClient } from '../exchange/trace-client.ts';

export type Operations = ReturnType<typeof bindOperations>;

export function bindOperations(exchange: Exchange) {
  const bind =
    <Request, Reply>(operation: (exchange: Exchange, request: Request) => Reply) =>
    (request: Request): Reply =>
      operation(exchange, request);
  return {
    traceClient: bind(traceClient),
    recordFacts: bind(recordFacts),
    publishRecord: bind(publishRecord),
    retractRecord: bind(retractRecord),
    pullRecord: recordPuller(exchange),
    readChanges: bind(readChanges),
    recordConsent: bind(recordConsent),
    withdrawConsent: bind(withdrawConsent),
    evidenceConsent: bind(evidenceConsent),
    listConsents: bind(listConsents),
    recordOverride: bind(recordOverride),
    searchEvents: bind(searchEvents),
    readEvent: bind(readEvent),
    recordRefusal: bind(recordRefusal),
  };
}
