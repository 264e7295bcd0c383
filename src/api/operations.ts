/** The exchange's operations as the routes call them; each route takes only those that it needs. */
import { answerDelivery } from '../exchange/answer-message.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { acknowledgeDelivery, readDelivery } from '../exchange/inbox.ts';
import { listConsents } from '../exchange/list-consents.ts';
import { listInbox } from '../exchange/list-inbox.ts';
import { publishRecord, retractRecord } from '../exchange/publish-record.ts';
import { recordPuller } from '../exchange/pull-record.ts';
import { readEvent, searchEvents } from '../exchange/read-audit.ts';
import { readChanges } from '../exchange/read-changes.ts';
import { evidenceConsent, recordConsent, withdrawConsent } from '../exchange/record-consent.ts';
import { recordFacts } from '../exchange/record-facts.ts';
import { recordOverride } from '../exchange/record-override.ts';
import { recordRefusal } from '../exchange/record-refusal.ts';
import { redeliver } from '../exchange/rerun-delivery.ts';
import { sendMessage } from '../exchange/send-message.ts';
import { traceClient } from '../exchange/trace-client.ts';
import { trackDeliveries, trackDelivery } from '../exchange/track-deliveries.ts';

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
    sendMessage: bind(sendMessage),
    listInbox: bind(listInbox),
    readDelivery: bind(readDelivery),
    acknowledgeDelivery: bind(acknowledgeDelivery),
    answerDelivery: bind(answerDelivery),
    trackDeliveries: bind(trackDeliveries),
    trackDelivery: bind(trackDelivery),
    redeliver: bind(redeliver),
    recordRefusal: bind(recordRefusal),
  };
}
