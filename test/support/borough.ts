/** A person whom the council registered, published and has consent for, and a centre that traced them. */

import type { ConsentRequest } from '../../src/consent/consent-record.ts';
import type { Precondition } from '../../src/exchange/publish-record.ts';
import { publishRecord } from '../../src/exchange/publish-record.ts';
import { recordConsent } from '../../src/exchange/record-consent.ts';
import { type FactsRequest, recordFacts } from '../../src/exchange/record-facts.ts';
import { traceClient } from '../../src/exchange/trace-client.ts';
import type { TraceRequest } from '../../src/exchange/traced-identity.ts';
import {
  centre,
  consent,
  council,
  identity,
  ordinaryFacts,
  registration,
  summary,
} from './builders.ts';
import { contextOf, newKey, recordOf, type TestExchange } from './test-exchange.ts';

export async function register(
  exchange: TestExchange,
  changes: Partial<TraceRequest> = {},
  organisation = council,
): Promise<string> {
  const context = contextOf(organisation);
  const receipt = await traceClient(exchange, { context, trace: registration(changes) });
  return String(receipt.body['client']);
}

export async function trace(
  exchange: TestExchange,
  organisation = centre,
  changes: Partial<TraceRequest> = {},
): Promise<string> {
  const context = contextOf(organisation);
  const receipt = await traceClient(exchange, { context, trace: identity(changes) });
  return String(receipt.body['client']);
}

export function state(exchange: TestExchange, client: string, facts: FactsRequest = ordinaryFacts) {
  const context = contextOf(council);
  return recordFacts(exchange, { context, client, facts, idempotency: newKey() });
}

export function publish(
  exchange: TestExchange,
  client: string,
  options: {
    record?: Readonly<Record<string, unknown>>;
    precondition?: Precondition;
    organisation?: string;
  } = {},
) {
  const record = recordOf(options.record ?? summary(), exchange.clock.now());
  return publishRecord(exchange, {
    context: contextOf(options.organisation ?? council),
    client,
    recordType: record.schema.split('/')[0] ?? '',
    record,
    digest: 'sha-256=:AAAA:',
    precondition: options.precondition ?? { kind: 'absent' },
    idempotency: newKey(),
  });
}

export function agree(
  exchange: TestExchange,
  client: string,
  changes: Partial<ConsentRequest> = {},
  organisation = council,
) {
  const context = contextOf(organisation);
  return recordConsent(exchange, {
    context,
    client,
    consent: consent(changes),
    idempotency: newKey(),
  });
}

export interface Known {
  /** The council's id for the person. */
  client: string;
  /** The centre's. */
  traced: string;
  consentId: string;
}

/** Registered, stated, published, agreed, traced. */
export async function knownPerson(
  exchange: TestExchange,
  changes: Partial<TraceRequest> = {},
): Promise<Known> {
  const client = await register(exchange, changes);
  await state(exchange, client);
  await publish(exchange, client, { record: summary(identity(changes)) });
  const { body } = await agree(exchange, client);
  return { client, traced: await trace(exchange, centre, changes), consentId: String(body['id']) };
}
