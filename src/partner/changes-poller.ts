/**
 * The changes feed as a partner reads it: each page is handed over, and only then is the cursor kept. A crash in
 * between repeats the page and misses nothing. A page tells of the state as it is, so that repeating it is harmless.
 */

import type { Passing } from './crash-point.ts';
import type { FeedState, StateFile } from './feed-state.ts';
import type { Pass } from './inbox-poller.ts';
import type { PartnerClient } from './partner-client.ts';
import { accepted, problemOf } from './problem-line.ts';
import { listOf, memberOf, textOf } from './reply-members.ts';

export interface ChangesOptions {
  client: PartnerClient;
  state: StateFile;
  purpose: string | undefined;
  /** Resolves when the line is safe; only then is the cursor kept. */
  handOver(line: object): Promise<void>;
  /** The cursor was of another log: everybody is listed again. */
  onRestart(): void;
  /** Pulls what is current and not held yet. */
  hasContent: boolean;
  passing: Passing;
  /** Ends the wait for news; a page that is under way is finished first. */
  signal: AbortSignal;
}

export interface ChangesPoller {
  /** Pages until there are no more. Throws RefusedError. */
  pass(waitSeconds: number): Promise<Pass>;
}

const gone = 410;

export function changesPoller(options: ChangesOptions): ChangesPoller {
  const { client, state, passing, signal } = options;
  const purpose: Record<string, string> =
    options.purpose === undefined ? {} : { 'purpose-of-use': options.purpose };
  return {
    async pass(waitSeconds) {
      let isQuiet = true;
      let hasWaited = false;
      for (let seconds = waitSeconds; ; seconds = 0) {
        const { cursor, held } = await state.load();
        const query = cursor === null ? '' : `?after=${encodeURIComponent(cursor)}`;
        const headers = { ...purpose, ...(seconds > 0 && { prefer: `wait=${seconds}` }) };
        const page = await client.get(`/v1/changes${query}`, { headers, signal });
        if (page.status === gone && cursor !== null) {
          options.onRestart();
          await state.store({ cursor: null, held });
          continue;
        }
        const { body, preferenceApplied } = accepted(page, [200], 'the changes feed was refused');
        hasWaited ||= preferenceApplied !== undefined;
        const changes = listOf(body, 'changes');
        const next: FeedState = { cursor: textOf(body, 'next'), held: { ...held } };
        for (const change of changes) {
          isQuiet = false;
          await take(change, next.held);
        }
        if (changes.length > 0) passing('handed-over');
        await state.store(next);
        if (changes.length > 0) passing('acknowledged');
        if (memberOf(body, 'more') !== true || signal.aborted) return { isQuiet, hasWaited };
      }
    },
  };

  async function take(change: unknown, held: Record<string, string>): Promise<void> {
    const key = ['client', 'recordType', 'custodian'].map((name) => textOf(change, name)).join(' ');
    const isCurrent = textOf(change, 'state') === 'current';
    if (textOf(change, 'state') === 'gone') delete held[key];
    if (!isCurrent || !options.hasContent) return options.handOver({ change });
    if (held[key] === textOf(change, 'etag')) return options.handOver({ change, isHeld: true });
    const [id, type, custodian] = key.split(' ');
    const pulled = await client.get(`/v1/clients/${id}/records/${type}?custodian=${custodian}`, {
      headers: { ...purpose, ...(held[key] !== undefined && { 'if-none-match': held[key] }) },
    });
    passing('read');
    if (pulled.etag !== undefined) held[key] = pulled.etag;
    if (pulled.status === 304) return options.handOver({ change, isHeld: true });
    if (pulled.status === 200) return options.handOver({ change, record: pulled.body });
    // it has changed since; the feed tells of that too
    return options.handOver({ change, problem: problemOf(pulled) });
  }
}
