/**
 * The inbox as a partner reads it: each delivery is read, handed over, answered where that is wanted, and acknowledged
 * last of all. Whatever happens before the acknowledgement, the delivery comes again, under the same id.
 */
import type { Passing } from './crash-point.ts';
import type { PartnerClient, Reply } from './partner-client.ts';
import { accepted, problemOf } from './problem-line.ts';
import { listOf, textOf } from './reply-members.ts';

export interface InboxOptions {
  client: PartnerClient;
  /** Resolves when the line is safe; only then is anything acknowledged. */
  handOver(line: object): Promise<void>;
  /** Told of what could not be read. */
  onRefused(id: string, refused: { status: number; code: string }): void;
  /** Reads deliveries; otherwise they are listed, and stay. */
  hasContent: boolean;
  /** What messages are answered with. */
  answer: { status: string; reason?: string } | undefined;
  passing: Passing;
  /** Ends the wait for news; a delivery that is under way is finished first. */
  signal: AbortSignal;
}

/** Whether an answer brought nothing that had not been seen before, so that there is time to wait. */
export interface Pass {
  isQuiet: boolean;
  /** Whether the gateway has waited already. */
  hasWaited: boolean;
}

export interface InboxPoller {
  /** One pass over the whole list. Throws RefusedError. */
  pass(waitSeconds: number): Promise<Pass>;
}

export function inboxPoller(options: InboxOptions): InboxPoller {
  const { client, hasContent, handOver, signal } = options;
  // what was listed, or what this partner may not read as it asks now, is there still
  const seen = new Set<string>();

  async function take(entry: unknown): Promise<void> {
    const id = textOf(entry, 'id');
    if (hasContent && (await takeDelivery(options, id))) return;
    seen.add(id);
    if (!hasContent && typeof entry === 'object' && entry !== null) await handOver(entry);
  }

  return {
    async pass(waitSeconds) {
      let isQuiet = true;
      let hasWaited = false;
      for (let after = ''; ; ) {
        const query = after === '' ? '' : `?after=${encodeURIComponent(after)}`;
        const waits = waitSeconds > 0 && after === '';
        const headers = waits ? { prefer: `wait=${waitSeconds}` } : {};
        const page = await client.get(`/v1/inbox${query}`, { headers, signal });
        const { body, preferenceApplied } = accepted(page, [200], 'the inbox was refused');
        const entries = listOf(body, 'deliveries');
        // with something in the list nobody waits, though it were only what was seen before
        hasWaited ||= preferenceApplied !== undefined && entries.length === 0;
        for (const entry of entries) {
          if (signal.aborted) return { isQuiet: true, hasWaited };
          if (seen.has(textOf(entry, 'id'))) continue;
          isQuiet = false;
          await take(entry);
        }
        after = textOf(body, 'next');
        if (after === '') return { isQuiet, hasWaited };
      }
    },
  };
}

/** False where it could not be read. Throws RefusedError. */
async function takeDelivery(options: InboxOptions, id: string): Promise<boolean> {
  const { client, passing } = options;
  const read = await client.get(`/v1/inbox/${id}`);
  if (read.status !== 200 || typeof read.body !== 'object' || read.body === null) {
    // ended meanwhile, or refused for good, of which its sender hears; or a user assertion is missing
    options.onRefused(id, problemOf(read));
    return false;
  }
  passing('read');
  await options.handOver(read.body);
  passing('handed-over');
  // before the acknowledgement: what is acknowledged is not listed again, and a crash would lose the answer
  if (textOf(read.body, 'kind') === 'message') await answer(options, id);
  const headers = { 'idempotency-key': `acknowledgement-${id}` };
  const path = `/v1/inbox/${id}/acknowledgement`;
  const acknowledged = await client.post(path, { headers });
  accepted(acknowledged, [200, 410], 'the acknowledgement was refused');
  passing('acknowledged');
  return true;
}

/** The key is made of the delivery's id, so that it is the same after a crash. */
async function answer({ client, answer: body }: InboxOptions, id: string): Promise<void> {
  if (body === undefined) return;
  const headers = { 'idempotency-key': `answer-${body.status}-${id}` };
  const reply: Reply = await client.post(`/v1/inbox/${id}/answer`, { body, headers });
  // answered before, by whom ever
  accepted(reply, [200, 409], 'the answer was refused');
}
