/**
 * What a partner does to send something out: trace the person, publish a record under the right precondition or send
 * a message, and follow each delivery until it has ended.
 */
import { setTimeout as passed } from 'node:timers/promises';
import type { OutgoingDocument } from './outgoing-document.ts';
import type { PartnerClient, Reply } from './partner-client.ts';
import { accepted } from './problem-line.ts';
import { listOf, textOf } from './reply-members.ts';

/** The partner's own id for the person. `text` is the JSON of a trace. Throws RefusedError. */
export async function traceClient(client: PartnerClient, text: string): Promise<string> {
  const reply = await client.post('/v1/clients/trace', { text });
  return textOf(accepted(reply, [200, 201], 'the trace was refused').body, 'client');
}

export interface Outgoing {
  /** The partner's own id for the person. */
  client: string;
  document: OutgoingDocument;
  /** The same when the whole command is repeated. */
  idempotencyKey: string;
}

/**
 * Creates the record or replaces the version that is held now. Where somebody else publishes in between the gateway
 * refuses: what to do then is for people to say. Throws RefusedError.
 */
export async function publishRecord(client: PartnerClient, outgoing: Outgoing): Promise<Reply> {
  const { document, idempotencyKey } = outgoing;
  const path = `/v1/clients/${outgoing.client}/records/${document.type}`;
  const whoami = accepted(await client.get('/v1/whoami'), [200], 'who am I was refused');
  const own = textOf(whoami.body, 'organisation', 'odsCode');
  const read = await client.get(`${path}?custodian=${own}`);
  const held = accepted(read, [200, 404, 410], 'reading the own record was refused');
  // nobody holds a record that is not there, or that was taken back
  const precondition: Record<string, string> =
    held.status === 200 && held.etag !== undefined
      ? { 'if-match': held.etag }
      : { 'if-none-match': '*' };
  const headers = { ...precondition, 'idempotency-key': idempotencyKey };
  const reply = await client.put(path, { text: document.text, headers });
  return accepted(reply, [200, 201], 'publishing was refused');
}

/** Throws RefusedError. */
export async function sendMessage(
  client: PartnerClient,
  { document, idempotencyKey, ...outgoing }: Outgoing & { purpose: string | undefined },
): Promise<Reply> {
  const path = `/v1/clients/${outgoing.client}/messages/${document.type}`;
  const purpose = outgoing.purpose && { 'purpose-of-use': outgoing.purpose };
  const headers = { ...purpose, 'idempotency-key': idempotencyKey };
  const reply = await client.post(path, { text: document.text, headers });
  return accepted(reply, [202], 'sending was refused');
}

/** Ids of the deliveries that a receipt names. */
export function deliveriesOf(receipt: Reply): readonly string[] {
  return listOf(receipt.body, 'deliveries').map((delivery) => textOf(delivery, 'id'));
}

export interface DeliveryNews {
  id: string;
  recipient: string;
  state: string;
  /** Why the last attempt failed; empty where none did. */
  failure: string;
  hasEnded: boolean;
}

/** What waits or is under way may still change; anything else has ended. */
const open = new Set(['waiting', 'authorised']);

/** Throws RefusedError. */
export async function trackDelivery(client: PartnerClient, id: string): Promise<DeliveryNews> {
  const reply = await client.get(`/v1/deliveries/${id}`);
  const { body } = accepted(reply, [200], 'tracking was refused');
  const state = textOf(body, 'state');
  const [recipient, failure] = [textOf(body, 'recipient'), textOf(body, 'lastFailure')];
  return { id, recipient, state, failure, hasEnded: !open.has(state) };
}

/** Tells each state once, until every delivery has ended; gives the last of each. */
export async function followDeliveries(
  client: PartnerClient,
  ids: readonly string[],
  { everyMs, onNews }: { everyMs: number; onNews: (news: DeliveryNews) => void },
): Promise<readonly DeliveryNews[]> {
  const told = new Map<string, DeliveryNews>();
  const isNews = ({ id, state, failure }: DeliveryNews) =>
    told.get(id)?.state !== state || told.get(id)?.failure !== failure;
  for (;;) {
    for (const id of ids.filter((one) => told.get(one)?.hasEnded !== true)) {
      const news = await trackDelivery(client, id);
      if (isNews(news)) onNews(news);
      told.set(id, news);
    }
    if (ids.every((id) => told.get(id)?.hasEnded === true)) return [...told.values()];
    await passed(everyMs);
  }
}
