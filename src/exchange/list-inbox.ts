/**
 * What an organisation's inbox holds, in the order in which it came: ids and times, which name nobody, so the list is
 * not recorded. What is not acknowledged stays in it.
 */
import { findInbox } from '../deliveries/inbox-store.ts';
import { openToken, sealToken } from '../encoding/opaque-token.ts';
import { grows, ledgerSize, type Patience } from './await-growth.ts';
import type { RequestContext } from './caller.ts';
import type { Exchange } from './exchange.ts';
import { withinLimits } from './within-limits.ts';

const busy = 'Reading the inbox took too long. Repeat this request.';

export interface InboxPage {
  deliveries: readonly {
    id: string;
    acceptedAt: string;
    expiresAt: string;
    reads: number;
  }[];
  next: string | null;
}

export interface InboxRequest {
  context: RequestContext;
  limit: number;
  /** `next` of the page before. */
  after?: string;
  /** How long to wait for the first, where there is none. */
  wait?: Patience | undefined;
}

/** In the order in which they came. Takes no lock and writes nothing. */
export async function listInbox(exchange: Exchange, request: InboxRequest): Promise<InboxPage> {
  const { clock, feeds } = exchange;
  const { wait } = request;
  const deadlineMs = clock.monotonicMs() + (wait?.ms ?? 0);
  for (let look = 1; ; look += 1) {
    // read before the list, so that nothing comes unnoticed in between
    const { size } = await withinLimits(ledgerSize(feeds.database), busy);
    const page = await readPage(exchange, request);
    const leftMs = deadlineMs - clock.monotonicMs();
    if (page.deliveries.length > 0 || !wait) return page;
    if (!(await grows(feeds.growth, size, { look, leftMs, ...wait }))) return page;
  }
}

async function readPage(
  { feeds, macKey }: Exchange,
  { context, limit, after }: InboxRequest,
): Promise<InboxPage> {
  const position = after === undefined ? 0 : Number(openToken(macKey, cursorOf(context), after));
  const { odsCode } = context.caller;
  // one more than asked, to know whether there is a next page
  const found = await withinLimits(
    findInbox(feeds.database, odsCode, { after: position, limit: limit + 1 }),
    busy,
  );
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    deliveries: page.map(({ id, acceptedAt, expiresAt, reads }) => ({
      ...{ id, acceptedAt: acceptedAt.toISOString(), expiresAt: expiresAt.toISOString(), reads },
    })),
    next: last ? sealToken(macKey, cursorOf(context), String(last.position)) : null,
  };
}

/** A cursor is good in its organisation's inbox alone. */
function cursorOf({ caller }: RequestContext): string {
  return `inbox of ${caller.odsCode}`;
}
